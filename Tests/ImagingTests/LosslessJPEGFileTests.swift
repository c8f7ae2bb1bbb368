import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Files of lossless JPEG tiles")
struct LosslessJPEGFileTests {
    private static let kinds: [LosslessSample.Recipe] = [
        LosslessSample.Recipe(name: "spliced", encode: ["-restart", "5B"], width: 300, height: 200),
        LosslessSample.Recipe(name: "coded", encode: ["-progressive"], width: 300, height: 200),
    ]

    @Test("one thread and four give the same bytes", arguments: kinds)
    func threads(recipe: LosslessSample.Recipe) async throws {
        let (source, windows) = try LosslessSample.cut(recipe.make())
        let alone = try windows.map { try source.tile(column: $0.column, row: $0.row) }
        try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<4 {
                group.addTask { try windows.map { try source.tile(column: $0.column, row: $0.row) } }
            }
            for try await tiles in group { #expect(tiles == alone) }
        }
    }

    @Test("segments stand right after SOI, and EXIF takes JFIF's place", arguments: kinds)
    func segments(recipe: LosslessSample.Recipe) throws {
        let (source, _) = try LosslessSample.cut(recipe.make())
        let plain = try source.tile(column: 0, row: 0)
        #expect(Array(plain[..<11]) == [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + [0])
        let profile: [UInt8] = [0xFF, 0xE2, 0, 5, 1, 2, 3]
        let profiled = try source.tile(column: 0, row: 0, segments: profile)
        #expect(profiled[20..<27].elementsEqual(profile))
        let exif = LosslessJPEG.orientationSegment(.right)
        let turned = try source.tile(column: 0, row: 0, segments: exif + profile)
        #expect(turned[2..<2 + exif.count + profile.count].elementsEqual(exif + profile))
        #expect(LosslessSample.places(of: 0xE0, in: turned).isEmpty)
        #expect(turned[(2 + exif.count + profile.count)...].elementsEqual(plain[20...]))
        #expect(
            try PixelDecoder.decode(ImageFile(bytes: turned)).pixels
                == PixelDecoder.decode(ImageFile(bytes: plain)).pixels
        )
    }

    @Test("Adobe's segment is kept, because colours depend on it", arguments: [[], ["-progressive"]])
    func adobe(encode: [String]) throws {
        let (source, _) = try LosslessSample.cut(
            LosslessSample.Recipe(name: "RGB", encode: ["-rgb"] + encode).make()
        )
        let tile = try source.tile(column: 0, row: 0, segments: LosslessJPEG.orientationSegment(.up))
        #expect(LosslessSample.places(of: 0xEE, in: tile).count == 1)
        #expect(try ImageProbe.probe(ImageFile(bytes: tile)).colourModel == .rgb)
    }

    @Test(
        "segments that are none are refused",
        arguments: [
            [0], [0xFF, 0xE1, 0], [0xFF, 0xE1, 0, 1], [0xFF, 0xE1, 0, 9, 1], [0xFF, 0xDB, 0, 2],
            [0xFF, 0xEE, 0, 14] + Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1],
        ] as [[UInt8]]
    )
    func badSegments(segments: [UInt8]) throws {
        for recipe in Self.kinds {
            let (source, _) = try LosslessSample.cut(recipe.make())
            #expect(throws: ImagingError.Code.encodeFailed) {
                try codes { () throws(ImagingError) in try source.tile(column: 0, row: 0, segments: segments) }
            }
        }
    }

    @Test("a tile's orientation is read back", arguments: Orientation.allCases)
    func orientation(orientation: Orientation) async throws {
        let (source, _) = try LosslessSample.cut(Self.kinds[0].make())
        let tile = try source.tile(column: 0, row: 0, segments: LosslessJPEG.orientationSegment(orientation))
        #expect(ImageMetadata.read(tile).orientation == orientation.rawValue)
        #expect(ImageMetadata.read(tile).doubts.isEmpty)
        let scratch = try Scratch("lossless")
        try Data(tile).write(to: URL(fileURLWithPath: scratch.file("tile.jpg")))
        let peer = try await ExifTool.read(scratch.file("tile.jpg"))
        #expect(peer.number("EXIF:Orientation") == Double(orientation.rawValue))
        #expect(peer.text("ExifTool:Warning") == nil)
    }

    @Test(
        "columns and rows off the grid are refused, with the grid",
        arguments: [
            [(8, 32)], [(0, 24)], [(16, 0)], [(288, 16)], [(300, 4)], [(0, 301)], [(-16, 32)], [(0, -1)], [],
            [(0, 16), (4, 16)], [(0, 1 << 40)], [(4_294_967_280, 32)],
        ] as [[(Int, Int)]]
    )
    func offGrid(spans: [(Int, Int)]) throws {
        for recipe in Self.kinds {
            let image = ImageFile(bytes: try recipe.make())
            for sides in [(spans, [(0, 200)]), ([(0, 300)], spans.map { ($0.0, $0.0 == 288 ? 8 : $0.1) })] {
                let error = #expect(throws: ImagingError.self) {
                    try LosslessJPEG(
                        image,
                        columns: sides.0.map { ($0.0, $0.1) },
                        rows: sides.1.map { ($0.0, $0.1) }
                    )
                }
                #expect(error?.code == .invalidSettings)
            }
        }
    }

    @Test("a tile that was not asked for is refused", arguments: [(-1, 0), (0, -1), (5, 0), (0, 5)])
    func noSuchTile(place: (Int, Int)) throws {
        let (source, _) = try LosslessSample.cut(Self.kinds[0].make())
        #expect(throws: ImagingError.Code.invalidSettings) {
            try codes { () throws(ImagingError) in try source.tile(column: place.0, row: place.1) }
        }
    }

    @Test("reading stops when asked", arguments: kinds)
    func cancelled(recipe: LosslessSample.Recipe) throws {
        let image = ImageFile(bytes: try recipe.make())
        let error = #expect(throws: ImagingError.self) {
            try LosslessJPEG(image, columns: [(0, 300)], rows: [(0, 200)], isCancelled: { true })
        }
        #expect(error?.code == .cancelled)
    }

    @Test("memory for coefficients and the number of scans are limited")
    func limits() throws {
        let progressive = try Self.kinds[1].make()
        #expect(
            LosslessSample.verdict(progressive, limits: ImageLimits(maxBufferedBytes: 50_000))?.code == .tooManyPixels
        )
        #expect(LosslessSample.verdict(progressive, limits: ImageLimits(maxScans: 3))?.code == .corrupt)
        // A baseline file takes none, unless its bits are such that only libjpeg can judge them.
        let baseline = try Self.kinds[0].make()
        #expect(LosslessSample.verdict(baseline, limits: ImageLimits(maxBufferedBytes: 0)) == nil)
        let odd = Array(baseline.dropLast(2) + [0, 0xFF, 0xD9])
        #expect(LosslessSample.verdict(odd, limits: ImageLimits(maxBufferedBytes: 50_000))?.code == .tooManyPixels)
    }

    @Test("files that are no JPEG, or of a kind that is not decoded, are refused by name")
    func refusals() throws {
        let png = try Samples.noise(width: 9, height: 9, channels: 3).file
        #expect(LosslessSample.verdict(png)?.code == .encodeFailed)
        #expect(LosslessSample.verdict(Array("text".utf8))?.code == .notAnImage)
        #expect(LosslessSample.verdict([])?.code == .emptyFile)
        let arithmetic = LosslessSample.Recipe(name: "arithmetic", transcode: ["-arithmetic"])
        #expect(LosslessSample.verdict(try arithmetic.make())?.code == .unsupportedFormat)
    }
}
