/// How the stored pixels are turned to stand upright, as EXIF's Orientation tag numbers it (EXIF 2.32, 4.6.4).
///
/// A name tells where the stored image's top side points in the upright one.
package enum Orientation: Int, CaseIterable, Sendable {
    case up = 1
    case upMirrored = 2
    case down = 3
    case downMirrored = 4
    case leftMirrored = 5
    case right = 6
    case rightMirrored = 7
    case left = 8

    /// True where width and height change places.
    package var swapsAxes: Bool { rawValue >= 5 }

    /// The size that a stored image has upright.
    package func orientedSize(width: Int, height: Int) -> (width: Int, height: Int) {
        swapsAxes ? (height, width) : (width, height)
    }

    /// Maps pixels of the upright image to pixels of the stored one, which is `width` x `height`.
    package func storedMap(width: Int, height: Int) -> PixelMap {
        let right = width - 1
        let bottom = height - 1
        return switch self {
        case .up: PixelMap(a: 1, b: 0, c: 0, d: 0, e: 1, f: 0)
        case .upMirrored: PixelMap(a: -1, b: 0, c: right, d: 0, e: 1, f: 0)
        case .down: PixelMap(a: -1, b: 0, c: right, d: 0, e: -1, f: bottom)
        case .downMirrored: PixelMap(a: 1, b: 0, c: 0, d: 0, e: -1, f: bottom)
        case .leftMirrored: PixelMap(a: 0, b: 1, c: 0, d: 1, e: 0, f: 0)
        case .right: PixelMap(a: 0, b: 1, c: 0, d: -1, e: 0, f: bottom)
        case .rightMirrored: PixelMap(a: 0, b: -1, c: right, d: -1, e: 0, f: bottom)
        case .left: PixelMap(a: 0, b: -1, c: right, d: 1, e: 0, f: 0)
        }
    }
}
