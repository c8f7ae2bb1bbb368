import Foundation
import Imaging
import TestSupport
import Testing

@Suite("A footprint says how far off it may be")
struct MetadataFootprintErrorTests {
    /// Straight down from 120 m, 24 mm on 36 mm × 24 mm: corners 90 m and 60 m from the middle.
    private var nadir: ImageMetadata {
        var metadata = ImageMetadata()
        metadata.latitude = 52.5
        metadata.longitude = 5.5
        metadata.relativeAltitudeMetres = 120
        metadata.focalLength35MM = 24
        metadata.gimbalYaw = 30
        metadata.gimbalPitch = -90
        metadata.gimbalRoll = 0
        return metadata
    }

    private func estimate(_ metadata: ImageMetadata, _ window: PixelWindow? = nil) throws -> Footprint {
        try #require(Footprint.footprint(of: metadata, imageWidth: 5_472, imageHeight: 3_648, window: window))
    }

    /// The error of a corner straight down by pencil: position, height, heading, two tilts, focal length.
    private func expected(position: Double, focal: Double) -> Double {
        let h = 120.0
        let r2 = 90.0 * 90 + 60 * 60
        let angle = Double.pi / 180
        let height = (0.25 + 1.2 * 1.2).squareRoot() / h
        // A tilt moves a point by h (1 + a²/h²) along it and by a b / h across.
        let along = { (a: Double, b: Double) in
            let first = h + a * a / h
            let second = a * b / h
            return first * first + second * second
        }
        // In any heading the two sums are the same, because both tilts weigh alike.
        let turns = (along(90, 60) + along(60, 90) + r2) * angle * angle
        return (position * position + r2 * height * height + turns + r2 * focal * focal).squareRoot()
    }

    @Test("plain GPS: some metres, and the sum is the one of the formula")
    func plain() throws {
        let rounding = 0.5 / 3.0.squareRoot() / 24
        let focal = (0.01 * 0.01 + rounding * rounding).squareRoot()
        let footprint = try estimate(nadir)
        #expect(abs(footprint.errorMetres - expected(position: 8 / 2.45 * 2.0.squareRoot(), focal: focal)) < 0.02)
        #expect(footprint.assumption.contains("position 4.62 m (of plain GPS), height 1.3 m, angles 1 degree"))
        #expect(footprint.assumption.contains("focal length 1.56 %"))
    }

    @Test("RTK and a known focal length make it smaller, angles and height remain")
    func precise() throws {
        var metadata = nadir
        metadata.rtkFlag = 50
        metadata.rtkStdLongitudeMetres = 0.03
        metadata.rtkStdLatitudeMetres = 0.04
        metadata.calibratedFocalLengthPixels = 3_648
        let footprint = try estimate(metadata)
        #expect(abs(footprint.errorMetres - expected(position: 0.05, focal: 0.005)) < 0.02)
        #expect(footprint.assumption.contains("position 0.05 m (from RTK)"))
        metadata.rtkFlag = 0
        #expect(try estimate(metadata).assumption.contains("of plain GPS"))
        metadata.gpsHorizontalErrorMetres = 2
        #expect(try estimate(metadata).assumption.contains("position 2 m (from GPSHPositioningError)"))
    }

    @Test("the heading of the camera does not change it straight down, nor does the way it got there")
    func heading() throws {
        let error = try estimate(nadir).errorMetres
        for (yaw, pitch, roll) in [(123.0, -90.0, 0.0), (30, -90, 77), (210, -90, 180)] {
            var metadata = nadir
            metadata.gimbalYaw = yaw
            metadata.gimbalPitch = pitch
            metadata.gimbalRoll = roll
            #expect(abs(try estimate(metadata).errorMetres - error) < 0.02)
        }
    }

    @Test("a tile in the middle is surer than one at the edge, and a slanted view less sure than one straight down")
    func worse() throws {
        let middle = try estimate(nadir, PixelWindow(x: 2_480, y: 1_568, width: 512, height: 512))
        let corner = try estimate(nadir, PixelWindow(x: 0, y: 0, width: 512, height: 512))
        #expect(middle.errorMetres < corner.errorMetres)
        #expect(corner.errorMetres == (try estimate(nadir)).errorMetres)
        var slanted = nadir
        slanted.gimbalPitch = -45
        #expect(try estimate(slanted).errorMetres > 2 * estimate(nadir).errorMetres)
    }

    @Test("the estimate covers what happens when every input is off by chance")
    func simulated() throws {
        var noise = SeededGenerator(seed: 7)
        func normal() -> Double {
            let radius = (-2 * log(Double.random(in: 1e-12...1, using: &noise))).squareRoot()
            return radius * cos(2 * .pi * Double.random(in: 0...1, using: &noise))
        }
        var slanted = nadir
        slanted.gimbalPitch = -60
        slanted.gimbalYaw = 0
        slanted.rtkFlag = 50
        slanted.rtkStdLongitudeMetres = 0.5
        slanted.rtkStdLatitudeMetres = 0.5
        slanted.calibratedFocalLengthPixels = 3_648
        let right = try estimate(slanted)
        let scale = Footprint.metresPerDegree(at: 52.5)
        var squares = [Double](repeating: 0, count: 4)
        let draws = 4_000
        for _ in 0..<draws {
            var metadata = slanted
            metadata.longitude = 5.5 + 0.5 * normal() / scale.longitude
            metadata.latitude = 52.5 + 0.5 * normal() / scale.latitude
            metadata.relativeAltitudeMetres = 120 + 1.3 * normal()
            let turned = attitude(pitch: -60, turnedBy: (normal(), normal(), normal()))
            metadata.gimbalYaw = turned.yaw
            metadata.gimbalPitch = turned.pitch
            metadata.gimbalRoll = turned.roll
            metadata.calibratedFocalLengthPixels = 3_648 * (1 + 0.005 * normal())
            let drawn = try estimate(metadata)
            for corner in 0..<4 {
                let east = (drawn.polygon[corner].longitude - right.polygon[corner].longitude) * scale.longitude
                let north = (drawn.polygon[corner].latitude - right.polygon[corner].latitude) * scale.latitude
                squares[corner] += (east * east + north * north) / Double(draws)
            }
        }
        let simulated = try #require(squares.max()).squareRoot()
        #expect(abs(right.errorMetres / simulated - 1) < 0.05, "\(right.errorMetres) and \(simulated)")
    }

    /// The gimbal angles of a camera that looked north and down, after it was turned by a few degrees about the axes
    /// north, east and down: its matrix Rz · Ry · Rx, taken apart again (Diebel, Representing Attitude, 2006, 5.6).
    private func attitude(
        pitch: Double,
        turnedBy degrees: (Double, Double, Double)
    ) -> (yaw: Double, pitch: Double, roll: Double) {
        let unit = Double.pi / 180
        // The columns are the camera's forward, right and down in the world.
        var columns = [
            [cos(pitch * unit), 0, -sin(pitch * unit)], [0, 1, 0], [sin(pitch * unit), 0, cos(pitch * unit)],
        ]
        for (angle, axes) in zip([degrees.0, degrees.1, degrees.2], [(1, 2), (2, 0), (0, 1)]) {
            for column in columns.indices {
                let (a, b) = (columns[column][axes.0], columns[column][axes.1])
                columns[column][axes.0] = a * cos(angle * unit) - b * sin(angle * unit)
                columns[column][axes.1] = a * sin(angle * unit) + b * cos(angle * unit)
            }
        }
        return (
            atan2(columns[0][1], columns[0][0]) / unit, -asin(columns[0][2]) / unit,
            atan2(columns[1][2], columns[2][2]) / unit
        )
    }
}
