import Imaging
import Testing

@Suite("Orientation")
struct OrientationTests {
    /// What EXIF 2.32 says the 0th row and column of the stored image are, upright: the stored image
    /// [[1, 2, 3], [4, 5, 6]] as a viewer must show it.
    @Test(
        "the map turns a 3 x 2 image as EXIF says",
        arguments: [
            (Orientation.up, [[1, 2, 3], [4, 5, 6]]),
            (.upMirrored, [[3, 2, 1], [6, 5, 4]]),
            (.down, [[6, 5, 4], [3, 2, 1]]),
            (.downMirrored, [[4, 5, 6], [1, 2, 3]]),
            (.leftMirrored, [[1, 4], [2, 5], [3, 6]]),
            (.right, [[4, 1], [5, 2], [6, 3]]),
            (.rightMirrored, [[6, 3], [5, 2], [4, 1]]),
            (.left, [[3, 6], [2, 5], [1, 4]]),
        ]
    )
    func turns(orientation: Orientation, upright: [[Int]]) {
        let stored = [[1, 2, 3], [4, 5, 6]]
        let size = orientation.orientedSize(width: 3, height: 2)
        let map = orientation.storedMap(width: 3, height: 2)
        let shown = (0..<size.height).map { y in
            (0..<size.width).map { x in
                let at = map.apply(x: x, y: y)
                return stored[at.y][at.x]
            }
        }
        #expect(shown == upright)
    }

    @Test("ImageMagick turns the same way", arguments: Orientation.allCases)
    func peer(orientation: Orientation) throws {
        let source = try Samples.noise(width: 37, height: 23, channels: 3)
        let names = [
            "TopLeft", "TopRight", "BottomRight", "BottomLeft", "LeftTop", "RightTop", "RightBottom",
            "LeftBottom",
        ]
        let turned = try Peers.run(
            "convert",
            ["@in", "-orient", names[orientation.rawValue - 1], "-auto-orient", "-depth", "8", "rgb:@out"],
            input: source.file
        )
        let settings = TilingSettings(tileWidth: 64, tileHeight: 64, overlap: 0)
        let tile = try #require(
            Samples.tiles(source.file, orientation: orientation, settings: settings).tiles.first
        )
        #expect(try PixelDecoder.decode(ImageFile(bytes: tile.bytes)).pixels == turned)
    }

    @Test("a tile's map leads to its stored window", arguments: Orientation.allCases)
    func windows(orientation: Orientation) throws {
        let size = orientation.orientedSize(width: 90, height: 50)
        let settings = TilingSettings(tileWidth: 20, tileHeight: 30, overlap: 3)
        for window in try TilePlan(width: size.width, height: size.height, settings: settings).windows {
            let stored = window.storedWindow(orientation: orientation, storedWidth: 90, storedHeight: 50)
            let map = window.storedMap(orientation: orientation, storedWidth: 90, storedHeight: 50)
            #expect(stored.x >= 0 && stored.y >= 0)
            #expect(stored.x + stored.width <= 90 && stored.y + stored.height <= 50)
            for (x, y) in [(0, 0), (window.width - 1, 0), (0, window.height - 1), (7, 11)] {
                let at = map.apply(x: x, y: y)
                #expect((stored.x..<stored.x + stored.width).contains(at.x))
                #expect((stored.y..<stored.y + stored.height).contains(at.y))
            }
        }
    }
}
