/// Where the tiles of an image lie.
///
/// Tiles start every `tile - overlap` pixels; `settings.edge` says what becomes of the last of a row or column. Every
/// policy but `drop` covers each pixel of the image.
package struct TilePlan: Sendable, Equatable {
    /// From left to right.
    package let columnSpans: [TileSpan]
    /// From top to bottom.
    package let rowSpans: [TileSpan]
    /// The upright image, in pixels.
    package let width: Int
    package let height: Int

    package var rows: Int { rowSpans.count }
    package var columns: Int { columnSpans.count }
    package var count: Int { rows * columns }

    /// Plans the tiles of an upright image of `width` x `height` pixels.
    ///
    /// - Parameter grid: tiles start at multiples of it. Where the last one of a row or column moves inwards, it moves
    ///   to the next such place and is smaller by what that leaves.
    package init(
        width: Int,
        height: Int,
        settings: TilingSettings,
        grid: (across: Int, down: Int) = (1, 1),
        limits: ImageLimits = ImageLimits()
    ) throws(ImagingError) {
        try settings.validate()
        guard width > 0, height > 0 else {
            throw ImagingError(.corrupt, "an image of \(width) x \(height) pixels has nothing to cut")
        }
        let columns = TileAxis(width, settings.tileWidth, settings.overlapX, settings.edge, grid: grid.across)
        let rows = TileAxis(height, settings.tileHeight, settings.overlapY, settings.edge, grid: grid.down)
        let (count, overflows) = columns.count.multipliedReportingOverflow(by: rows.count)
        guard !overflows, count <= limits.maxTiles else {
            throw ImagingError(
                .tooManyTiles,
                "\(width) x \(height) pixels would give \(columns.count) x \(rows.count) tiles, and the limit is "
                    + "\(limits.maxTiles); make the tiles larger, the overlap smaller, or raise the limit"
            )
        }
        self.init(width: width, height: height, columnSpans: columns.spans, rowSpans: rows.spans)
    }

    init(width: Int, height: Int, columnSpans: [TileSpan], rowSpans: [TileSpan]) {
        self.width = width
        self.height = height
        // Where one axis has no tile there is none at all.
        let isEmpty = columnSpans.isEmpty || rowSpans.isEmpty
        self.columnSpans = isEmpty ? [] : columnSpans
        self.rowSpans = isEmpty ? [] : rowSpans
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
        TileWindow(row: row, column: column, across: columnSpans[column], down: rowSpans[row])
    }

    /// Pixels of the image that no tile shows: none but under `drop`.
    package var uncoveredPixels: Int {
        guard let right = columnSpans.last, let bottom = rowSpans.last else { return width * height }
        return width * height - (right.start + right.valid) * (bottom.start + bottom.valid)
    }
}

/// The place of a tile on one axis, in pixels of the upright image.
package struct TileSpan: Sendable, Equatable {
    package let start: Int
    /// Length of the tile.
    package let length: Int
    /// How much of that, from its start, is image; the rest is padding.
    package let valid: Int

    package init(start: Int, length: Int, valid: Int) {
        self.start = start
        self.length = length
        self.valid = valid
    }
}

/// The tiles of one axis; counted before they are made, so that a billion of them costs nothing.
private struct TileAxis {
    let count: Int
    private let length: Int
    private let tile: Int
    private let step: Int
    private let edge: EdgePolicy
    private let grid: Int

    init(_ length: Int, _ tile: Int, _ overlap: Int, _ edge: EdgePolicy, grid: Int) {
        self.grid = grid
        self.length = length
        self.tile = tile
        self.edge = edge
        step = tile - overlap
        if edge == .drop {
            count = length < tile ? 0 : (length - tile) / step + 1
        } else {
            count = length <= tile ? 1 : (length - tile + step - 1) / step + 1
        }
    }

    var spans: [TileSpan] {
        (0..<count).map { index in
            let start = index * step
            switch edge {
            case .shift:
                let last = (max(0, length - tile) + grid - 1) / grid * grid
                let size = min(tile, length - min(start, last))
                return TileSpan(start: min(start, last), length: size, valid: size)
            case .pad:
                return TileSpan(start: start, length: tile, valid: min(tile, length - start))
            case .crop:
                let size = min(tile, length - start)
                return TileSpan(start: start, length: size, valid: size)
            case .drop:
                return TileSpan(start: start, length: tile, valid: tile)
            }
        }
    }
}
