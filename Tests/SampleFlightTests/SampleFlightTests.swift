import Foundation
import Imaging
import SampleFlight
import Synchronization
import TestSupport
import Testing

@Suite("The sample flight looks, weighs and reads like a survey")
struct SampleFlightTests {
    private static func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "flight-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    private static func files(_ directory: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        return Dictionary(
            uniqueKeysWithValues: try names.map {
                ($0, try Data(contentsOf: URL(filePath: "\(directory)/\($0)")))
            }
        )
    }

    @Test("the same seed gives the same bytes, whatever the number of workers; another seed does not")
    func deterministic() async throws {
        func fly(seed: UInt64, workers: Int) async throws -> [String: Data] {
            try await Self.withDirectory { directory in
                try await SampleFlight(images: 5, megapixels: 0.1, seed: seed)
                    .write(to: directory, workers: workers) { _, _ in }
                return try Self.files(directory)
            }
        }
        let first = try await fly(seed: 7, workers: 1)
        #expect(first.keys.sorted() == (1...5).map { "DJI_000\($0).JPG" })
        #expect(Set(first.values).count == 5)
        for workers in [1, 2, 4, 9] { #expect(try await fly(seed: 7, workers: workers) == first) }
        let other = try await fly(seed: 8, workers: 2)
        #expect(other.keys.sorted() == first.keys.sorted())
        for (name, bytes) in other { #expect(bytes != first[name]) }
    }

    @Test("frames weigh 0.3 to 0.5 bytes a pixel", arguments: [UInt64(1), 2, 3])
    func weight(seed: UInt64) throws {
        let flight = SampleFlight(images: 24, megapixels: 1.5, seed: seed)
        let pixels = Double(flight.size.width * flight.size.height)
        for index in [0, 9, 17] {
            let bytes = try flight.frame(index).count
            #expect((0.3...0.5).contains(Double(bytes) / pixels), "\(Double(bytes) / pixels)")
        }
    }

    @Test("20 megapixels are 5472 × 3648, and every size is 3:2")
    func size() {
        #expect(SampleFlight(images: 1, megapixels: 20).size == (5_472, 3_648))
        for megapixels in [0.05, 0.5, 1, 4, 9, 12, 48, 100] {
            let size = SampleFlight(images: 1, megapixels: megapixels).size
            #expect(size.width * 2 == size.height * 3)
            let actual = Double(size.width * size.height) / 1_000_000
            #expect(abs(actual / megapixels - 1) < 0.1)
        }
    }

    @Test("exiftool reads back what was written, and so does the reader")
    func metadata() async throws {
        try await Self.withDirectory { directory in
            let flight = SampleFlight(images: 12, megapixels: 0.05, seed: 5)
            try await flight.write(to: directory, workers: 2) { _, _ in }
            for index in [0, 5, 11] {
                let expected = flight.metadata(index)
                let path = "\(directory)/\(SampleFlight.name(index))"
                let peer = try await ExifTool.read(path)
                #expect(peer.text("EXIF:Make") == expected.make)
                #expect(peer.text("EXIF:Model") == expected.model)
                #expect(peer.text("EXIF:DateTimeOriginal") == expected.takenAt)
                #expect(peer.text("EXIF:SubSecTimeOriginal") == expected.takenAtSubsecond)
                #expect(peer.text("EXIF:OffsetTimeOriginal") == expected.takenAtOffset)
                #expect(peer.text("XMP:CaptureUUID") == expected.captureUUID)
                #expect(peer.text("EXIF:GPSVersionID") == "2 3 0 0")
                #expect(peer.text("ExifTool:Warning") == nil)
                #expect(peer.number("EXIF:ExifImageWidth") == Double(flight.size.width))
                #expect(peer.number("EXIF:ExifImageHeight") == Double(flight.size.height))
                let numbers: [(String, Double?, Double)] = [
                    ("EXIF:Orientation", expected.orientation.map(Double.init), 0),
                    ("EXIF:ISO", expected.iso.map(Double.init), 0), ("EXIF:FNumber", expected.fNumber, 1e-9),
                    ("EXIF:ExposureTime", expected.exposureSeconds, 1e-9),
                    ("EXIF:FocalLength", expected.focalLengthMM, 1e-9),
                    ("EXIF:FocalLengthIn35mmFormat", expected.focalLength35MM, 0),
                    ("Composite:GPSLatitude", expected.latitude, 2e-9),
                    ("Composite:GPSLongitude", expected.longitude, 2e-9),
                    ("Composite:GPSAltitude", expected.altitudeMetres, 0.0006),
                    ("XMP:AbsoluteAltitude", expected.absoluteAltitudeMetres, 0.0051),
                    ("XMP:RelativeAltitude", expected.relativeAltitudeMetres, 0.0051),
                    ("XMP:GimbalYawDegree", expected.gimbalYaw, 1e-9),
                    ("XMP:GimbalPitchDegree", expected.gimbalPitch, 1e-9),
                    ("XMP:GimbalRollDegree", expected.gimbalRoll, 1e-9),
                    ("XMP:FlightYawDegree", expected.flightYaw, 1e-9),
                    ("XMP:FlightPitchDegree", expected.flightPitch, 1e-9),
                    ("XMP:FlightRollDegree", expected.flightRoll, 1e-9),
                    ("XMP:RtkFlag", expected.rtkFlag.map(Double.init), 0),
                ]
                for (key, own, tolerance) in numbers {
                    let own = try #require(own)
                    let theirs = try #require(peer.number(key), "\(key)")
                    #expect(abs(own - theirs) <= tolerance, "\(key): \(own) and \(theirs)")
                }

                var read = ImageMetadata.read([UInt8](try Data(contentsOf: URL(filePath: path))))
                #expect(read.doubts.isEmpty)
                #expect(abs((read.latitude ?? 0) - (expected.latitude ?? 1)) < 2e-9)
                #expect(abs((read.longitude ?? 0) - (expected.longitude ?? 1)) < 2e-9)
                read.latitude = expected.latitude
                read.longitude = expected.longitude
                #expect(abs((read.altitudeMetres ?? 0) - (expected.altitudeMetres ?? 1)) < 0.001)
                read.altitudeMetres = expected.altitudeMetres
                read.absoluteAltitudeMetres = expected.absoluteAltitudeMetres
                // What was read also tells where it stood.
                read.sources = expected.sources
                read.verbatim = expected.verbatim
                read.blocks = expected.blocks
                #expect(read == expected)
            }
        }
    }

    @Test("footprints of neighbours overlap by 70 % along and 60 % across")
    func overlap() throws {
        let flight = SampleFlight(images: 40, megapixels: 0.05, seed: 3)
        func centre(_ index: Int) throws -> (east: Double, north: Double) {
            let metadata = flight.metadata(index)
            let footprint = try #require(
                Footprint.footprint(
                    of: metadata,
                    imageWidth: flight.size.width,
                    imageHeight: flight.size.height
                )
            )
            let scale = Footprint.metresPerDegree(at: 52.48)
            let corners = footprint.polygon.dropLast()
            return (
                corners.map(\.longitude).reduce(0, +) / 4 * scale.longitude,
                corners.map(\.latitude).reduce(0, +) / 4 * scale.latitude
            )
        }
        func distance(_ a: Int, _ b: Int) throws -> Double {
            let first = try centre(a)
            let second = try centre(b)
            let east = first.east - second.east
            let north = first.north - second.north
            return (east * east + north * north).squareRoot()
        }
        // Nine frames a leg: 36 m apart along, 72 m between legs, each place within a metre and a half.
        #expect(abs(try distance(3, 4) - 36) < 3)
        #expect(abs(try distance(8, 9) - 72) < 3)
        #expect(abs(try distance(4, 13) - 72) < 3)
    }

    @Test("what one frame shows, its neighbour shows too, at the place the metadata give")
    func samePlace() throws {
        let flight = SampleFlight(images: 40, megapixels: 0.6, seed: 3)
        let first = try Picture(flight, 3)
        let matching = try Picture(flight, 4)
        let elsewhere = try Picture(flight, 30)
        #expect(first.correlation(with: matching) > 0.8)
        #expect(abs(first.correlation(with: elsewhere, pretendingToBe: matching)) < 0.5)
    }

    @Test("progress counts every frame once, in order")
    func progress() async throws {
        try await Self.withDirectory { directory in
            let seen = Mutex<[Int]>([])
            try await SampleFlight(images: 6, megapixels: 0.02, seed: 1)
                .write(to: directory, workers: 3) { done, total in
                    #expect(total == 6)
                    seen.withLock { $0.append(done) }
                }
            #expect(seen.withLock { $0 } == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test("impossible settings and directories are refused with what to do")
    func refused() async throws {
        await #expect(throws: SampleFlightError.self) {
            try await SampleFlight(images: 0).write(to: "/nowhere", workers: 1) { _, _ in }
        }
        do {
            try await SampleFlight(images: 1, megapixels: 0.02)
                .write(to: "/dev/null/flight", workers: 1) { _, _ in }
            Issue.record("a file took a directory")
        } catch let error as SampleFlightError {
            #expect(error.code == .notWritten)
            #expect(error.message.contains("/dev/null/flight"))
        }
    }

    @Test("a cancelled flight ends with CancellationError and leaves whole files only")
    func cancelled() async throws {
        try await Self.withDirectory { directory in
            let flight = SampleFlight(images: 400, megapixels: 0.02, seed: 1)
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let started = AsyncStream<Void>.makeStream()
                    group.addTask {
                        try await flight.write(to: directory, workers: 2) { _, _ in
                            started.continuation.yield()
                        }
                    }
                    for await _ in started.stream { break }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            let files = try Self.files(directory)
            #expect(!files.isEmpty)
            #expect(files.count < 400)
            #expect(files.keys.allSatisfy { $0.hasSuffix(".JPG") })
            #expect(files.values.allSatisfy { $0.suffix(2) == Data([0xFF, 0xD9]) })
        }
    }

    @Test("an image of somebody else is never replaced, and nothing is put beside it")
    func keepsOthers() async throws {
        try await Self.withDirectory { directory in
            let flight = SampleFlight(images: 3, megapixels: 0.02, seed: 1)
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let own = URL(filePath: "\(directory)/\(SampleFlight.name(2))")
            try Data("mine".utf8).write(to: own)
            do {
                try await flight.write(to: directory, workers: 1) { _, _ in }
                Issue.record("it wrote into somebody's images")
            } catch let error as SampleFlightError {
                #expect(error.code == .notWritten && error.message.contains(own.path))
            }
            #expect(try Self.files(directory) == [own.lastPathComponent: Data("mine".utf8)])

            try FileManager.default.removeItem(at: own)
            try await flight.write(to: directory, workers: 2) { _, _ in }
            let written = try Self.files(directory)
            try FileManager.default.removeItem(atPath: "\(directory)/\(SampleFlight.name(0))")
            let seen = Mutex<[Int]>([])
            try await flight.write(to: directory, workers: 2) { done, _ in seen.withLock { $0.append(done) } }
            #expect(try Self.files(directory) == written, "what was there before is the same")
            #expect(seen.withLock { $0 } == [1, 2, 3])
        }
    }
}
