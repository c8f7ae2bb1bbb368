/// Where the tiles of an image lie.
///
/// Tiles start every `tile - overlap` pixels. The last of a row or column is moved inwards to end with the image, so that
/// all tiles have one size; an axis that is shorter than a tile gets one tile of the axis's length.
package struct TilePlan: Sendable, Equatable {
    /// The left edges of the columns, rising.
    package let columnStarts: [Int]
    /// The upper edges of the rows, rising.
    package let rowStarts: [Int]
    package let tileWidth: Int
    package let tileHeight: Int

    package var rows: Int { rowStarts.count }
    package var columns: Int { columnStarts.count }
    package var count: Int { rows * columns }

    /// Plans the tiles of an upright image of `width` x `height` pixels.
    package init(
        width: Int,
        height: Int,
        settings: TilingSettings,
        limits: ImageLimits = ImageLimits()
    ) throws(ImagingError) {
        try settings.validate()
        guard width > 0, height > 0 else {
            throw ImagingError(.corrupt, "an image of \(width) x \(height) pixels has nothing to cut")
        }
        let columns = Self.starts(length: width, tile: settings.tileWidth, overlap: settings.overlap)
        let rows = Self.starts(length: height, tile: settings.tileHeight, overlap: settings.overlap)
        let (count, overflows) = columns.count.multipliedReportingOverflow(by: rows.count)
        guard !overflows, count <= limits.maxTiles else {
            throw ImagingError(
                .tooManyTiles,
                "\(width) x \(height) pixels would give \(columns.count) x \(rows.count) tiles, and the limit is "
                    + "\(limits.maxTiles); make the tiles larger, the overlap smaller, or raise the limit"
            )
        }
        columnStarts = Self.materialise(columns, length: width, tile: settings.tileWidth)
        rowStarts = Self.materialise(rows, length: height, tile: settings.tileHeight)
        tileWidth = min(settings.tileWidth, width)
        tileHeight = min(settings.tileHeight, height)
    }

    /// All windows, row by row.
    package var windows: [TileWindow] {
        var windows: [TileWindow] = []
        windows.reserveCapacity(count)
        for row in 0..<rows {
            for column in 0..<columns {
                windows.append(window(row: row, column: column))
            }
        }
        return windows
    }

    package func window(row: Int, column: Int) -> TileWindow {
        TileWindow(
            row: row,
            column: column,
            x: columnStarts[column],
            y: rowStarts[row],
            width: tileWidth,
            height: tileHeight
        )
    }

    /// The starts before the last one is moved inwards; a stride, so that counting a billion of them costs nothing.
    private static func starts(length: Int, tile: Int, overlap: Int) -> (count: Int, step: Int) {
        let step = tile - overlap
        return (length <= tile ? 1 : (length - tile + step - 1) / step + 1, step)
    }

    private static func materialise(_ starts: (count: Int, step: Int), length: Int, tile: Int) -> [Int] {
        let last = max(0, length - tile)
        return (0..<starts.count).map { min($0 * starts.step, last) }
    }
}
