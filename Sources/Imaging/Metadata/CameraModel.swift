#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A pinhole camera in north-east-down axes, made from what the image says about itself.
struct CameraModel {
    /// A direction from the camera, of any length.
    struct Ray {
        var north: Double
        var east: Double
        var down: Double
    }

    /// A focal length in pixels, where it came from, and its relative standard uncertainty.
    struct FocalLength {
        var across: Double
        var down: Double
        let origin: String
        let uncertainty: Double
    }

    var focalLength: FocalLength
    private let imageWidth: Double
    private let imageHeight: Double
    private let orientation: Int
    private let yaw: Double
    private let pitch: Double
    private let roll: Double

    /// Nil when an angle or every way to a focal length is missing.
    init?(_ metadata: ImageMetadata, imageWidth: Int, imageHeight: Int) {
        guard let yaw = metadata.gimbalYaw, let pitch = metadata.gimbalPitch, let roll = metadata.gimbalRoll,
            let focalLength = FocalLength(metadata, imageWidth: imageWidth, imageHeight: imageHeight)
        else { return nil }
        self.focalLength = focalLength
        self.imageWidth = Double(imageWidth)
        self.imageHeight = Double(imageHeight)
        orientation = metadata.orientation ?? 1
        self.yaw = yaw * .pi / 180
        self.pitch = pitch * .pi / 180
        self.roll = roll * .pi / 180
    }

    /// The direction that a point of the upright image sees.
    func ray(x: Double, y: Double) -> Ray {
        let stored = storedOffset(x - imageWidth / 2, y - imageHeight / 2)
        let forward = 1.0
        let right = stored.across / focalLength.across
        let down = stored.down / focalLength.down

        let rolledRight = right * cos(roll) - down * sin(roll)
        let rolledDown = right * sin(roll) + down * cos(roll)
        let pitchedForward = forward * cos(pitch) + rolledDown * sin(pitch)
        let pitchedDown = -forward * sin(pitch) + rolledDown * cos(pitch)
        return Ray(
            north: pitchedForward * cos(yaw) - rolledRight * sin(yaw),
            east: pitchedForward * sin(yaw) + rolledRight * cos(yaw),
            down: pitchedDown
        )
    }

    /// Turns an offset from the centre of the upright image into the one on the sensor.
    ///
    /// The gimbal angles describe the sensor, and orientation says how to turn its pixels upright (EXIF 2.32 section
    /// 4.6.4, Orientation: the sides on which row 0 and column 0 are shown).
    private func storedOffset(_ across: Double, _ down: Double) -> (across: Double, down: Double) {
        switch orientation {
        case 2: (-across, down)
        case 3: (-across, -down)
        case 4: (across, -down)
        case 5: (down, across)
        case 6: (down, -across)
        case 7: (-down, -across)
        case 8: (-down, across)
        default: (across, down)
        }
    }
}

extension CameraModel.FocalLength {
    /// The one in pixels that the maker tells, from the sensor's resolution, or from the 35 mm equivalent, best first.
    ///
    /// The 35 mm equivalent compares diagonals (CIPA DCG-001); the diagonal of 36 mm × 24 mm is 43.27 mm. The first
    /// two count pixels of the camera's original: where they give another angle of view than the 35 mm equivalent, the
    /// image was resized, and only the equivalent still holds.
    ///
    /// Lenses differ by about 1 % from what is written on them. DJI's value in pixels is that of the lens's design
    /// (Mavic 3M User Manual, photo file table), half as far off. The equivalent is a whole number besides: rounding
    /// adds half a millimetre over the square root of three (JCGM 100:2008 section 4.3.7).
    ///
    /// One that no camera has is not used.
    init?(_ metadata: ImageMetadata, imageWidth: Int, imageHeight: Int) {
        let equivalent = Self.equivalent(metadata, width: imageWidth, height: imageHeight)
        func agrees(_ pixels: Double) -> Bool {
            guard Self.isPossible(pixels, width: imageWidth, height: imageHeight) else { return false }
            guard let equivalent else { return true }
            return Self.agrees(pixels, with: equivalent)
        }

        if let pixels = metadata.calibratedFocalLengthPixels, agrees(pixels) {
            self.init(across: pixels, down: pixels, origin: "as the maker tells it in pixels", uncertainty: 0.005)
            return
        }
        if let millimetres = metadata.focalLengthMM, let acrossPerMM = metadata.focalPlaneXPixelsPerMM,
            let downPerMM = metadata.focalPlaneYPixelsPerMM
        {
            let across = millimetres * acrossPerMM
            let down = millimetres * downPerMM
            if agrees(across), agrees(down) {
                self.init(
                    across: across,
                    down: down,
                    origin: "from the resolution of the sensor",
                    uncertainty: 0.01
                )
                return
            }
        }
        guard let equivalent, let millimetres = metadata.focalLength35MM,
            Self.isPossible(equivalent, width: imageWidth, height: imageHeight)
        else { return nil }
        let rounding = 0.5 / 3.0.squareRoot() / millimetres
        self.init(
            across: equivalent,
            down: equivalent,
            origin: "from its 35 mm equivalent over the image's diagonal",
            uncertainty: (0.01 * 0.01 + rounding * rounding).squareRoot()
        )
    }

    /// The 35 mm equivalent in pixels of an image; nil where it is not told.
    static func equivalent(_ metadata: ImageMetadata, width: Int, height: Int) -> Double? {
        let diagonal = diagonal(width: width, height: height)
        let film = (36.0 * 36.0 + 24.0 * 24.0).squareRoot()
        return metadata.focalLength35MM.map { $0 * diagonal / film }
    }

    /// Whether a camera can have it: at one end the image sees 168 degrees, at the other 20 seconds of arc.
    static func isPossible(_ pixels: Double, width: Int, height: Int) -> Bool {
        let diagonal = diagonal(width: width, height: height)
        return (0.05 * diagonal...10_000 * diagonal).contains(pixels)
    }

    private static func diagonal(width: Int, height: Int) -> Double {
        let (width, height) = (Double(width), Double(height))
        return (width * width + height * height).squareRoot()
    }

    static func agrees(_ pixels: Double, with equivalent: Double) -> Bool {
        abs(pixels / equivalent - 1) < 0.2
    }
}
