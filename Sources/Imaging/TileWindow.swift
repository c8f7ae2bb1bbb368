/// Where one tile lies in the upright image, in pixels.
package struct TileWindow: Sendable, Equatable {
    package let row: Int
    package let column: Int
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int

    package init(row: Int, column: Int, x: Int, y: Int, width: Int, height: Int) {
        self.row = row
        self.column = column
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// Maps the tile's pixels to those of the stored image, which is `storedWidth` x `storedHeight` before it is turned.
    package func storedMap(orientation: Orientation, storedWidth: Int, storedHeight: Int) -> PixelMap {
        orientation.storedMap(width: storedWidth, height: storedHeight).moved(x: x, y: y)
    }

    /// The pixels of the stored image that the tile is made of.
    package func storedWindow(
        orientation: Orientation,
        storedWidth: Int,
        storedHeight: Int
    ) -> (x: Int, y: Int, width: Int, height: Int) {
        let map = storedMap(orientation: orientation, storedWidth: storedWidth, storedHeight: storedHeight)
        let first = map.apply(x: 0, y: 0)
        let last = map.apply(x: width - 1, y: height - 1)
        return (
            min(first.x, last.x), min(first.y, last.y), abs(first.x - last.x) + 1, abs(first.y - last.y) + 1
        )
    }
}
