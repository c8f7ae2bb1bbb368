import Imaging
import Testing

@Suite("A footprint is where the image looks")
struct MetadataFootprintTests {
    /// Straight down from 120 m at 52.5° N, 24 mm on 36 mm × 24 mm: 180 m × 120 m.
    private var nadir: ImageMetadata {
        var metadata = ImageMetadata()
        metadata.latitude = 52.5
        metadata.longitude = 5.5
        metadata.relativeAltitudeMetres = 120
        metadata.focalLength35MM = 24
        metadata.gimbalYaw = 0
        metadata.gimbalPitch = -90
        metadata.gimbalRoll = 0
        return metadata
    }

    /// Metres for each degree at 52.5° N, by Vincenty's series as published tables give them.
    private static let metresPerLatitude = 111_268.0
    private static let metresPerLongitude = 67_909.0

    private func metres(_ point: GeoPoint) -> (east: Double, north: Double) {
        ((point.longitude - 5.5) * Self.metresPerLongitude, (point.latitude - 52.5) * Self.metresPerLatitude)
    }

    private func estimate(_ metadata: ImageMetadata, _ window: PixelWindow? = nil) -> Footprint? {
        Footprint.footprint(of: metadata, imageWidth: 5_472, imageHeight: 3_648, window: window)
    }

    private func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 0.5) -> Bool {
        abs(a - b) <= tolerance
    }

    @Test("a nadir image is a rectangle of the right size, closed and counter-clockwise")
    func nadirSize() throws {
        let footprint = try #require(estimate(nadir))
        let ring = footprint.polygon.map(metres)
        #expect(ring.count == 5)
        #expect(footprint.polygon.first == footprint.polygon.last)
        for (corner, expected) in zip(ring, [(-90.0, 60.0), (-90, -60), (90, -60), (90, 60)]) {
            #expect(isClose(corner.east, expected.0, 0.45))
            #expect(isClose(corner.north, expected.1, 0.3))
        }
        #expect(footprint.assumption.contains("flat ground"))
    }

    @Test("yaw turns the top of the image clockwise from north")
    func yaw() throws {
        var metadata = nadir
        metadata.gimbalYaw = 90
        let ring = try #require(estimate(metadata)).polygon.map(metres)
        // The top left of the image is now in the north-east: up is east, left is north.
        #expect(isClose(ring[0].east, 60))
        #expect(isClose(ring[0].north, 90))
        #expect(isClose(ring[1].east, -60))
        #expect(isClose(ring[1].north, 90))
    }

    @Test("a window is its part of the whole")
    func window() throws {
        let corner = PixelWindow(x: 5_472 - 912, y: 0, width: 912, height: 608)
        let ring = try #require(estimate(nadir, corner)).polygon.map(metres)
        #expect(isClose(ring[0].east, 60))
        #expect(isClose(ring[0].north, 60))
        #expect(isClose(ring[2].east, 90))
        #expect(isClose(ring[2].north, 40))
    }

    @Test("a camera that looks up from nadir sees farther at the top")
    func oblique() throws {
        var metadata = nadir
        metadata.gimbalPitch = -60
        let ring = try #require(estimate(metadata)).polygon.map(metres)
        // The optical axis is 60° below the horizon, the edges 26.57° above and below it.
        #expect(isClose(ring[0].north, 181.6, 1))
        #expect(isClose(ring[1].north, 6.9, 1))
        #expect(ring[3].east > ring[2].east)
    }

    @Test(
        "an image that is stored on its side is turned upright first",
        arguments: [(6, 90.0), (8, -90.0), (3, 180.0)]
    )
    func orientation(value: Int, yaw: Double) throws {
        // Turning the pixels upright by a quarter is, straight down, turning the camera the other way.
        var stored = nadir
        stored.orientation = value
        var turned = nadir
        turned.gimbalYaw = -yaw
        let isQuarter = value != 3
        let size = isQuarter ? (3_648, 5_472) : (5_472, 3_648)
        let first = try #require(
            Footprint.footprint(of: stored, imageWidth: size.0, imageHeight: size.1)
        )
        let second = try #require(
            Footprint.footprint(of: turned, imageWidth: size.0, imageHeight: size.1)
        )
        for (one, other) in zip(first.polygon.map(metres), second.polygon.map(metres)) {
            #expect(isClose(one.east, other.east, 0.01))
            #expect(isClose(one.north, other.north, 0.01))
        }
    }

    @Test("a mirrored image has a counter-clockwise ring too")
    func mirrored() throws {
        var metadata = nadir
        metadata.orientation = 2
        let ring = try #require(estimate(metadata)).polygon.map(metres)
        var area = 0.0
        for (a, b) in zip(ring, ring.dropFirst()) { area += a.east * b.north - b.east * a.north }
        #expect(isClose(area / 2, 180 * 120, 200))
    }

    @Test("near the horizon, or with anything missing, there is none")
    func missing() {
        let changes: [(inout ImageMetadata) -> Void] = [
            { $0.gimbalPitch = -36 }, { $0.gimbalPitch = 0 }, { $0.gimbalPitch = 90 },
            { $0.gimbalPitch = nil },
            { $0.gimbalYaw = nil }, { $0.gimbalRoll = nil }, { $0.latitude = nil }, { $0.longitude = nil },
            { $0.relativeAltitudeMetres = nil }, { $0.relativeAltitudeMetres = 0 },
            { $0.relativeAltitudeMetres = -3 }, { $0.focalLength35MM = nil }, { $0.latitude = 89 },
            { $0.relativeAltitudeMetres = 9e305 }, { $0.relativeAltitudeMetres = 1e9 }, { $0.focalLength35MM = 1e-300 },
            { $0.focalLength35MM = 1e300 }, { $0.longitude = .infinity },
        ]
        for change in changes {
            var metadata = nadir
            change(&metadata)
            #expect(estimate(metadata) == nil)
        }
        var steepEnough = nadir
        steepEnough.gimbalPitch = -45
        #expect(estimate(steepEnough) != nil)
    }

    @Test("a focal length that no camera has gives no footprint", arguments: [1e-300, 1, 100, 1e12])
    func impossibleFocalLength(pixels: Double) {
        var metadata = nadir
        metadata.focalLength35MM = nil
        metadata.calibratedFocalLengthPixels = pixels
        #expect(estimate(metadata) == nil)
    }

    @Test("the best focal length is used, unless the image was resized since")
    func focalLength() throws {
        var metadata = nadir
        metadata.calibratedFocalLengthPixels = 3_648 * 1.1
        #expect(try #require(estimate(metadata)).assumption.contains("as the maker tells it"))
        metadata.calibratedFocalLengthPixels = 1_824
        metadata.focalLengthMM = 8.8
        metadata.focalPlaneXPixelsPerMM = 5_472 / 13.2
        metadata.focalPlaneYPixelsPerMM = 3_648 / 8.8
        let footprint = try #require(estimate(metadata))
        #expect(footprint.assumption.contains("sensor"))
        #expect(isClose(metres(footprint.polygon[0]).east, -90, 0.45))
    }
}
