import Imaging
import SampleFlight
import Testing

/// The light and dark of one frame, to be looked up by place on the ground.
struct Picture {
    private let width: Int
    private let height: Int
    private let light: [Double]
    private let corner: GeoPoint
    /// Degrees for the whole width and the whole height.
    private let across: (longitude: Double, latitude: Double)
    private let down: (longitude: Double, latitude: Double)

    init(_ flight: SampleFlight, _ index: Int) throws {
        let pixels = flight.pixels(index)
        (width, height) = flight.size
        light = stride(from: 0, to: pixels.count, by: 3).map { start -> Double in
            let sum = Int(pixels[start]) + Int(pixels[start + 1]) + Int(pixels[start + 2])
            return Double(sum)
        }
        let footprint = Footprint.footprint(
            of: flight.metadata(index),
            imageWidth: flight.size.width,
            imageHeight: flight.size.height
        )
        // The corners in order: top left, bottom left, bottom right, top right.
        let ring = try #require(footprint).polygon
        corner = ring[0]
        across = (ring[3].longitude - ring[0].longitude, ring[3].latitude - ring[0].latitude)
        down = (ring[1].longitude - ring[0].longitude, ring[1].latitude - ring[0].latitude)
    }

    /// How alike this frame and another are over the ground that both show, from -1 to 1.
    ///
    /// - Parameters:
    ///   - other: The frame whose pixels are compared.
    ///   - place: The frame whose place is taken; the other's own when nil.
    /// - Returns: Pearson's coefficient of the brightness of small patches.
    func correlation(with other: Picture, pretendingToBe place: Picture? = nil) -> Double {
        let place = place ?? other
        var samples: [(Double, Double)] = []
        for y in stride(from: 8, to: height - 8, by: 5) {
            for x in stride(from: 8, to: width - 8, by: 5) {
                let (otherX, otherY) = place.pixel(at: ground(x, y))
                guard otherX >= 8, otherY >= 8, otherX < width - 8, otherY < height - 8 else { continue }
                samples.append((mean(x, y), other.mean(otherX, otherY)))
            }
        }
        let count = Double(samples.count)
        let first = samples.map(\.0).reduce(0, +) / count
        let second = samples.map(\.1).reduce(0, +) / count
        var both = 0.0
        var own = 0.0
        var others = 0.0
        for sample in samples {
            both += (sample.0 - first) * (sample.1 - second)
            own += (sample.0 - first) * (sample.0 - first)
            others += (sample.1 - second) * (sample.1 - second)
        }
        return both / (own * others).squareRoot()
    }

    private func ground(_ x: Int, _ y: Int) -> GeoPoint {
        let right = (Double(x) + 0.5) / Double(width)
        let below = (Double(y) + 0.5) / Double(height)
        return GeoPoint(
            longitude: corner.longitude + across.longitude * right + down.longitude * below,
            latitude: corner.latitude + across.latitude * right + down.latitude * below
        )
    }

    private func pixel(at point: GeoPoint) -> (x: Int, y: Int) {
        let east = point.longitude - corner.longitude
        let north = point.latitude - corner.latitude
        let determinant = across.longitude * down.latitude - across.latitude * down.longitude
        let right = (east * down.latitude - north * down.longitude) / determinant
        let below = (north * across.longitude - east * across.latitude) / determinant
        return (Int((right * Double(width)).rounded(.down)), Int((below * Double(height)).rounded(.down)))
    }

    /// The mean over 7 × 7 pixels, which leaves the land and takes away the sensor's noise.
    private func mean(_ x: Int, _ y: Int) -> Double {
        var sum = 0.0
        for row in (y - 3)...(y + 3) {
            for column in (x - 3)...(x + 3) { sum += light[row * width + column] }
        }
        return sum / 49
    }
}
