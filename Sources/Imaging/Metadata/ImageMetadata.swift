import Crypto

/// What a camera wrote into an image about how it was taken.
///
/// A field is nil when the file does not say, and also when what it says cannot be trusted; in the second case
/// ``doubts`` holds a sentence about it. Nothing here changes pixels, and nothing that the file claims is repaired in
/// silence.
package struct ImageMetadata: Sendable, Equatable {
    // Camera and lens
    package var make: String?
    package var model: String?
    package var lens: String?
    package var focalLengthMM: Double?
    /// The focal length that gives the same angle of view over the diagonal of 36 mm × 24 mm film.
    package var focalLength35MM: Double?
    /// Stored pixels for each millimetre of the sensor, across.
    package var focalPlaneXPixelsPerMM: Double?
    /// Stored pixels for each millimetre of the sensor, down.
    package var focalPlaneYPixelsPerMM: Double?
    /// The focal length in stored pixels, where the maker tells it (DJI CalibratedFocalLength).
    package var calibratedFocalLengthPixels: Double?

    // Exposure
    package var exposureSeconds: Double?
    package var fNumber: Double?
    package var iso: Int?

    // Time, as EXIF text: local time of the camera unless `takenAtOffset` says otherwise
    /// The moment of exposure, verbatim, `2019:06:23 16:31:59`.
    package var takenAt: String?
    /// The digits after the decimal point of the second, verbatim.
    package var takenAtSubsecond: String?
    /// The offset from UTC, verbatim, `+02:00`.
    package var takenAtOffset: String?

    /// How to turn the stored pixels upright, an EXIF orientation from 1 to 8.
    package var orientation: Int?

    // Position
    /// Degrees, north positive.
    package var latitude: Double?
    /// Degrees, east positive.
    package var longitude: Double?
    /// Metres above the reference surface of the GPS block (sea level, in practice).
    package var altitudeMetres: Double?
    /// How far off the receiver held its horizontal position to be.
    package var gpsHorizontalErrorMetres: Double?
    /// Metres above the take-off point.
    package var relativeAltitudeMetres: Double?
    /// Metres above the drone's reference surface.
    package var absoluteAltitudeMetres: Double?

    // Attitude in degrees, north-east-down axes, applied in the order yaw, pitch, roll
    package var gimbalYaw: Double?
    package var gimbalPitch: Double?
    package var gimbalRoll: Double?
    package var flightYaw: Double?
    package var flightPitch: Double?
    package var flightRoll: Double?

    /// The positioning state that DJI records: 0 none, 16 single point, 32 to 49 float, 50 fixed.
    package var rtkFlag: Int?
    /// Standard deviations of the position, as DJI's receiver estimated them.
    package var rtkStdLongitudeMetres: Double?
    package var rtkStdLatitudeMetres: Double?
    package var rtkStdHeightMetres: Double?
    /// The same for all images of one exposure, as a multispectral camera takes them.
    package var captureUUID: String?

    /// The colour profile of the stored pixels.
    package var profile: ICCProfile?

    /// What each field was read from, by the field's key: `EXIF GPSLatitude + GPSLatitudeRef`.
    package var sources: [String: String] = [:]
    /// What the tags said, unprocessed, by where they were found (`exif`, `xmp`, `png`) and their names.
    ///
    /// Values are text of at most `VerbatimText.limit` bytes.
    package var verbatim: [String: [String: String]] = [:]
    /// The blocks that `exif` and `xmp` were read from.
    package var blocks: [String: MetadataBlock] = [:]
    /// What ``verbatim`` does not hold whole: values that were cut, and what was passed over.
    package private(set) var leftOut: [String] = []
    /// What the file says that could not be used, or was used against something else that it says.
    package private(set) var doubts: [String] = []

    package init() {}

    /// The doubts are kept in the log: a file made of mistakes does not get to fill it.
    private static let maxDoubts = 64

    mutating func doubt(_ sentence: String) {
        guard !doubts.contains(sentence), doubts.count <= Self.maxDoubts else { return }
        doubts.append(doubts.count < Self.maxDoubts ? sentence : "doubts: there are more than these")
    }

    mutating func leaveOut(_ sentence: String) {
        guard !leftOut.contains(sentence), leftOut.count <= Self.maxDoubts else { return }
        leftOut.append(leftOut.count < Self.maxDoubts ? sentence : "there is more than this")
    }
}

/// A block of metadata as it stands in the file, by size and digest: what the log does not quote can be told by it.
package struct MetadataBlock: Sendable, Equatable {
    package let bytes: Int
    /// 32 bytes.
    package let sha256: [UInt8]

    init(_ block: [UInt8]) {
        bytes = block.count
        sha256 = Array(SHA256.hash(data: block))
    }
}
