import Imaging

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where the camera is for each frame: parallel legs, flown to and fro, with the small errors of a real aircraft.
struct FlightPlan: Sendable {
    /// The place and direction of the camera at one exposure.
    struct Pose: Sendable, Equatable {
        /// Metres east and north of the origin of the terrain.
        let east: Double
        let north: Double
        /// Metres above the ground.
        let altitude: Double
        /// Degrees clockwise from north that the top of the image points to.
        let yaw: Double
    }

    static let altitude = 120.0
    static let focalLengthMM = 8.8
    static let focalLength35MM = 24.0
    /// Ground shown for each metre of altitude, across and along: film of 36 mm × 24 mm behind 24 mm.
    static let coverage = (across: 36.0 / focalLength35MM, along: 24.0 / focalLength35MM)
    static let forwardOverlap = 0.7
    static let sideOverlap = 0.6
    /// Degrees clockwise from north of the legs that lead away from the start.
    static let heading = 14.0
    /// The terrain's origin; the fields there are drawn, not photographed.
    static let origin = GeoPoint(longitude: 5.42, latitude: 52.48)
    static let groundAboveSeaLevel = 9.4

    let images: Int
    let seed: UInt64

    var imagesPerLeg: Int {
        let alongSpacing = Self.altitude * Self.coverage.along * (1 - Self.forwardOverlap)
        let acrossSpacing = Self.altitude * Self.coverage.across * (1 - Self.sideOverlap)
        return max(1, Int((Double(images) * acrossSpacing / alongSpacing).squareRoot().rounded()))
    }

    /// The pose of a frame, counted from zero, rounded to what the metadata can say.
    func pose(_ index: Int) -> Pose {
        let wobble = CounterNoise(seed: seed, stream: 0xF1_1647)
        func error(_ channel: Int) -> Double { wobble.unit(index * 8 + channel) * 2 - 1 }

        let leg = index / imagesPerLeg
        let isReturning = !leg.isMultiple(of: 2)
        let step = isReturning ? imagesPerLeg - 1 - index % imagesPerLeg : index % imagesPerLeg
        let along = Double(step) * Self.altitude * Self.coverage.along * (1 - Self.forwardOverlap) + error(0)
        let across = Double(leg) * Self.altitude * Self.coverage.across * (1 - Self.sideOverlap) + error(1)
        let direction = Self.heading * .pi / 180
        let yaw = Self.heading + (isReturning ? -180 : 0) + 1.2 * error(2)
        return Pose(
            east: along * sin(direction) + across * cos(direction),
            north: along * cos(direction) - across * sin(direction),
            altitude: ((Self.altitude + 0.4 * error(3)) * 100).rounded() / 100,
            yaw: (yaw * 10).rounded() / 10
        )
    }

    /// What the camera writes about a frame.
    func metadata(_ index: Int) -> ImageMetadata {
        let pose = pose(index)
        let details = CounterNoise(seed: seed, stream: 0x0003_E7AD)
        let scale = Footprint.metresPerDegree(at: Self.origin.latitude)
        var metadata = ImageMetadata()
        metadata.make = "Swathlog"
        metadata.model = "Sample flight"
        metadata.focalLengthMM = Self.focalLengthMM
        metadata.focalLength35MM = Self.focalLength35MM
        metadata.exposureSeconds = 0.001
        metadata.fNumber = 5.6
        metadata.iso = 100
        metadata.orientation = 1
        // Two seconds between frames, a quarter of a minute for the turn; a flight over 14 hours starts over at dawn.
        let seconds = index * 2 + index / imagesPerLeg * 15
        let clock = seconds % (14 * 3_600) + 6 * 3_600
        metadata.takenAt =
            "2024:06:15 \(two(clock / 3_600)):\(two(clock / 60 % 60)):\(two(clock % 60))"
        metadata.takenAtSubsecond = "\(details.bits(index * 4) % 900 + 100)"
        metadata.takenAtOffset = "+00:00"
        metadata.latitude = Self.origin.latitude + pose.north / scale.latitude
        metadata.longitude = Self.origin.longitude + pose.east / scale.longitude
        metadata.relativeAltitudeMetres = pose.altitude
        metadata.absoluteAltitudeMetres = pose.altitude + Self.groundAboveSeaLevel
        metadata.altitudeMetres = pose.altitude + Self.groundAboveSeaLevel
        metadata.gimbalYaw = pose.yaw
        metadata.gimbalPitch = -90
        metadata.gimbalRoll = 0
        metadata.flightYaw = pose.yaw
        metadata.flightPitch = -(details.unit(index * 4 + 1) * 60).rounded() / 10
        metadata.flightRoll = (details.unit(index * 4 + 2) * 60 - 30).rounded() / 10
        metadata.rtkFlag = 50
        let digits = [0, 1].map { String(details.bits(index * 4 + 3 + $0 * 0x4000_0000), radix: 16) }
        metadata.captureUUID = digits.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
        return metadata
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
