/// Where one tile lies in the upright image, in pixels.
package struct TileWindow: Sendable, Equatable {
    package let row: Int
    package let column: Int
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int
    /// The tile's pixels that are the image's, from its upper left corner; all others are padding.
    package let validWidth: Int
    package let validHeight: Int

    package init(row: Int, column: Int, across: TileSpan, down: TileSpan) {
        self.row = row
        self.column = column
        x = across.start
        y = down.start
        width = across.length
        height = down.length
        validWidth = across.valid
        validHeight = down.valid
    }

    var isPadded: Bool { validWidth < width || validHeight < height }

    /// Maps the tile's pixels to those of the stored image, which is `storedWidth` x `storedHeight` before it is turned.
    package func storedMap(orientation: Orientation, storedWidth: Int, storedHeight: Int) -> PixelMap {
        orientation.storedMap(width: storedWidth, height: storedHeight).moved(x: x, y: y)
    }

    /// The pixels of the stored image that the tile shows.
    package func storedWindow(
        orientation: Orientation,
        storedWidth: Int,
        storedHeight: Int
    ) -> (x: Int, y: Int, width: Int, height: Int) {
        let map = storedMap(orientation: orientation, storedWidth: storedWidth, storedHeight: storedHeight)
        let first = map.apply(x: 0, y: 0)
        let last = map.apply(x: validWidth - 1, y: validHeight - 1)
        return (
            min(first.x, last.x), min(first.y, last.y), abs(first.x - last.x) + 1, abs(first.y - last.y) + 1
        )
    }
}
