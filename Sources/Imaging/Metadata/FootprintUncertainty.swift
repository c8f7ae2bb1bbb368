#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How far a footprint may be off, by the standard uncertainties of what it is computed from.
///
/// Each input is moved by its standard uncertainty both ways, half the distance between the two results is its share,
/// and the shares of independent inputs add as squares (JCGM 100:2008, sections 5.1.2 and 5.1.3, note 2). Ground that is
/// not flat, and ground that is not as high as the take-off point, are assumed away, not counted.
struct FootprintUncertainty {
    /// Metres of horizontal distance.
    let position: Double
    /// Metres of height.
    let height: Double
    let positionOrigin: String

    private let camera: CameraModel
    private let altitude: Double

    /// Degrees about each of the three axes.
    ///
    /// Stabilised gimbals hold still to hundredths of a degree, but which way is
    /// down and which way is north they learn from accelerometers and a compass, and no maker says how well.
    private static let angle = 1.0

    init(_ metadata: ImageMetadata, camera: CameraModel, altitude: Double) {
        self.camera = camera
        self.altitude = altitude
        // Half a metre is what DJI's specifications give for holding height. The rest is the air's: a barometer takes it
        // to have 15 °C, and 3 °C more or less make 1 % of the height (ICAO Doc 7488).
        height = (0.5 * 0.5 + 0.01 * altitude * 0.01 * altitude).squareRoot()
        if let flag = metadata.rtkFlag, flag > 0, let east = metadata.rtkStdLongitudeMetres,
            let north = metadata.rtkStdLatitudeMetres
        {
            position = (east * east + north * north).squareRoot()
            positionOrigin = "from RTK"
        } else if let error = metadata.gpsHorizontalErrorMetres {
            position = error
            positionOrigin = "from GPSHPositioningError"
        } else {
            // 8 m for 95 % (GPS Standard Positioning Service Performance Standard, 5th edition, table 3.8-3) are 2.45
            // standard deviations of one axis where both axes are alike; of the distance, times the square root of two.
            position = 8 / 2.45 * 2.0.squareRoot()
            positionOrigin = "of plain GPS"
        }
    }

    /// One sentence for the reader of the estimate.
    var assumption: String {
        let focal = camera.focalLength.uncertainty * 100
        return "error: one standard deviation of the worst corner, from position \(short(position)) m "
            + "(\(positionOrigin)), height \(short(height)) m, angles \(short(Self.angle)) degree, focal length "
            + "\(short(focal)) %"
    }

    /// The standard uncertainty of the ground under a point of the upright image.
    func metres(x: Double, y: Double) -> Double {
        let ray = camera.ray(x: x, y: y)
        let angle = Self.angle * .pi / 180
        // Turning about the world's axes, not the gimbal's own: looking straight down, two of those are the same.
        let shares = [
            share { ray.ground(altitude + $0 * height) },
            share { ray.turned(angle * $0, \.north, \.east).ground(altitude) },
            share { ray.turned(angle * $0, \.east, \.down).ground(altitude) },
            share { ray.turned(angle * $0, \.down, \.north).ground(altitude) },
            share { side in
                var camera = camera
                camera.focalLength.across *= 1 + side * camera.focalLength.uncertainty
                camera.focalLength.down *= 1 + side * camera.focalLength.uncertainty
                return camera.ray(x: x, y: y).ground(altitude)
            },
        ]
        return shares.reduce(position * position) { $0 + $1 * $1 }.squareRoot()
    }

    /// Half the distance between the places that an input gives one standard uncertainty up and down.
    private func share(_ place: (_ side: Double) -> (north: Double, east: Double)) -> Double {
        let up = place(1)
        let down = place(-1)
        return hypot(up.north - down.north, up.east - down.east) / 2
    }

    /// A number with two decimals at most.
    private func short(_ number: Double) -> String {
        let text = "\((number * 100).rounded() / 100)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension CameraModel.Ray {
    /// Where it meets flat ground that many metres below, in metres from the point under the camera.
    func ground(_ altitude: Double) -> (north: Double, east: Double) {
        (north / down * altitude, east / down * altitude)
    }

    /// Turns it by a small angle from one axis towards another.
    func turned(
        _ angle: Double,
        _ from: WritableKeyPath<Self, Double>,
        _ to: WritableKeyPath<Self, Double>
    ) -> Self {
        var ray = self
        ray[keyPath: from] = self[keyPath: from] * cos(angle) - self[keyPath: to] * sin(angle)
        ray[keyPath: to] = self[keyPath: from] * sin(angle) + self[keyPath: to] * cos(angle)
        return ray
    }
}
