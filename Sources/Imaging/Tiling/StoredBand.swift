/// The tiles that lie in the same rows of the stored image, whatever way it is turned.
struct StoredBand {
    /// The stored rows that its tiles show.
    let rows: Range<Int>
    /// In the order of the upright grid.
    let windows: [TileWindow]

    /// Groups a plan's windows by stored rows, from the top of the stored image to its bottom.
    ///
    /// Both the first rows of the bands and their ends rise: no tile lies within another.
    static func bands(of plan: TilePlan, orientation: Orientation, info: ImageInfo) -> [StoredBand] {
        let lines: [[TileWindow]] =
            orientation.swapsAxes
            ? (0..<plan.columns).map { column in (0..<plan.rows).map { plan.window(row: $0, column: column) } }
            : (0..<plan.rows).map { row in (0..<plan.columns).map { plan.window(row: row, column: $0) } }
        return lines.map { windows in
            let stored = windows[0].storedWindow(
                orientation: orientation,
                storedWidth: info.width,
                storedHeight: info.height
            )
            return StoredBand(rows: stored.y..<stored.y + stored.height, windows: windows)
        }.sorted { $0.rows.lowerBound < $1.rows.lowerBound }
    }
}
