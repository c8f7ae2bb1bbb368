/// The tiles that lie in the same rows of the stored image, whatever way it is turned.
struct StoredBand {
    /// The first stored row.
    let y: Int
    /// In the order of the upright grid, row by row.
    let windows: [TileWindow]

    /// Groups a plan's windows by stored rows, from the top of the stored image to its bottom.
    ///
    /// All windows of a plan have one size, so the bands have one height, and start no further apart than that.
    static func bands(of plan: TilePlan, orientation: Orientation, info: ImageInfo) -> [StoredBand] {
        func storedRow(_ window: TileWindow) -> Int {
            window.storedWindow(orientation: orientation, storedWidth: info.width, storedHeight: info.height)
                .y
        }
        let lines: [[TileWindow]] =
            orientation.swapsAxes
            ? (0..<plan.columns).map { column in (0..<plan.rows).map { plan.window(row: $0, column: column) }
            }
            : (0..<plan.rows).map { row in (0..<plan.columns).map { plan.window(row: row, column: $0) } }
        return lines.map { StoredBand(y: storedRow($0[0]), windows: $0) }.sorted { $0.y < $1.y }
    }
}
