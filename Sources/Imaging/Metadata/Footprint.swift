#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A position on the WGS 84 ellipsoid in degrees, as GeoJSON orders it.
package struct GeoPoint: Sendable, Equatable {
    package var longitude: Double
    package var latitude: Double

    package init(longitude: Double, latitude: Double) {
        self.longitude = longitude
        self.latitude = latitude
    }
}

/// A rectangle of pixels of the upright image.
package struct PixelWindow: Sendable, Equatable {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// The ground that an image or a part of it shows, estimated from one image alone.
package struct Footprint: Sendable, Equatable {
    /// A closed ring of five points, counter-clockwise from above (RFC 7946 section 3.1.6).
    ///
    /// Longitudes of one ring are continuous: a ring across the antimeridian goes beyond 180 degrees.
    package let polygon: [GeoPoint]
    /// The standard uncertainty of the worst corner's place in metres, see `FootprintUncertainty`.
    package let errorMetres: Double
    /// What had to be assumed of the ground, the camera and its errors, for the reader of the estimate.
    package let assumption: String

    /// Rays that come closer to the horizon hit flat ground too far away to mean anything.
    package static let minimumDepressionDegrees = 10.0
    /// No camera that this is about is higher: balloons end at 40 km, and what they see has a horizon.
    static let maximumAltitudeMetres = 20_000.0

    /// Estimates the ground under a window of an image.
    ///
    /// A pinhole camera looks along the x axis of its body, with y to the right and z down; a pixel (u, v) that lies
    /// (du, dv) from the centre sees along (f, du, dv), f being the focal length in pixels. The body is turned into
    /// north-east-down axes by Rz(yaw) · Ry(pitch) · Rx(roll), which is what DJI's manuals name ("NED coordinate
    /// system, the rotation order is ZYX"; the matrices are in Diebel, Representing Attitude, 2006). The ray is cut with
    /// a horizontal plane one relative altitude below, and metres become degrees by the radii of curvature of
    /// WGS 84 (Snyder, Map Projections: A Working Manual, USGS 1395, 1987, equations 4-18 and 4-20).
    ///
    /// - Parameters:
    ///   - metadata: Position, relative altitude, gimbal angles and focal length are needed.
    ///   - imageWidth: The width of the whole upright image in pixels.
    ///   - imageHeight: The height of the whole upright image in pixels.
    ///   - window: The part to estimate in upright pixels; nil for all of it.
    /// - Returns: Nil when an input is missing or out of range, or a corner looks less than
    ///   ``minimumDepressionDegrees`` below the horizon.
    package static func footprint(
        of metadata: ImageMetadata,
        imageWidth: Int,
        imageHeight: Int,
        window: PixelWindow? = nil
    ) -> Footprint? {
        guard imageWidth > 0, imageHeight > 0, let latitude = metadata.latitude, abs(latitude) <= 85,
            let longitude = metadata.longitude, let altitude = metadata.relativeAltitudeMetres, altitude > 0,
            altitude <= maximumAltitudeMetres,
            let camera = CameraModel(metadata, imageWidth: imageWidth, imageHeight: imageHeight)
        else { return nil }
        let window = window ?? PixelWindow(x: 0, y: 0, width: imageWidth, height: imageHeight)
        let left = Double(window.x)
        let top = Double(window.y)
        let right = left + Double(window.width)
        let bottom = top + Double(window.height)
        let scale = Self.metresPerDegree(at: latitude)
        let uncertainty = FootprintUncertainty(metadata, camera: camera, altitude: altitude)

        var error = 0.0
        var ring: [GeoPoint] = []
        for (x, y) in [(left, top), (left, bottom), (right, bottom), (right, top)] {
            let ray = camera.ray(x: x, y: y)
            let length = (ray.north * ray.north + ray.east * ray.east + ray.down * ray.down).squareRoot()
            guard ray.down >= length * sin(minimumDepressionDegrees * .pi / 180) else { return nil }
            let ground = ray.ground(altitude)
            ring.append(
                GeoPoint(
                    longitude: longitude + ground.east / scale.longitude,
                    latitude: latitude + ground.north / scale.latitude
                )
            )
            error = max(error, uncertainty.metres(x: x, y: y))
        }
        // What is out of bounds was kept out above; a ring that is none must not come into the log, whatever the file says.
        guard error.isFinite, ring.allSatisfy({ abs($0.latitude) <= 90 && $0.longitude.isFinite }) else { return nil }
        // A mirrored orientation turns the ring the other way round.
        if signedArea(ring) < 0 { ring.reverse() }
        ring.append(ring[0])
        return Footprint(
            polygon: ring,
            // Mathematical libraries of two machines may differ in the last bits; centimetres are the same on all.
            errorMetres: (error * 100).rounded() / 100,
            assumption: "flat ground at the height of the take-off point, no lens distortion, focal length "
                + "\(camera.focalLength.origin); \(uncertainty.assumption)"
        )
    }

    /// How many metres one degree of latitude and one of longitude span there.
    package static func metresPerDegree(at latitude: Double) -> (latitude: Double, longitude: Double) {
        let semiMajor = 6_378_137.0
        let eccentricitySquared = 0.006_694_379_990_14
        let phi = latitude * .pi / 180
        let root = (1 - eccentricitySquared * sin(phi) * sin(phi)).squareRoot()
        let meridian = semiMajor * (1 - eccentricitySquared) / (root * root * root)
        let primeVertical = semiMajor / root
        return (meridian * .pi / 180, primeVertical * cos(phi) * .pi / 180)
    }

    private static func signedArea(_ ring: [GeoPoint]) -> Double {
        var area = 0.0
        for (index, point) in ring.enumerated() {
            let next = ring[(index + 1) % ring.count]
            area += point.longitude * next.latitude - next.longitude * point.latitude
        }
        return area
    }
}
