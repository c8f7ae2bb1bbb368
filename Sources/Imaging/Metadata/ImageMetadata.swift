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
    /// Stored pixels for each millimetre of the sensor, across and down (EXIF FocalPlaneResolution).
    package var focalPlanePixelsPerMM: FocalPlaneResolution?
    /// The focal length in stored pixels, where the maker calibrated it (DJI CalibratedFocalLength).
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
    /// The same for all images of one exposure, as a multispectral camera takes them.
    package var captureUUID: String?

    /// What the file says that could not be used, or was used against something else that it says.
    package var doubts: [String] = []

    package init() {}

    mutating func doubt(_ sentence: String) {
        if !doubts.contains(sentence) { doubts.append(sentence) }
    }
}

/// Stored pixels for each millimetre of the sensor.
package struct FocalPlaneResolution: Sendable, Equatable {
    package var across: Double
    package var down: Double

    package init(across: Double, down: Double) {
        self.across = across
        self.down = down
    }
}
