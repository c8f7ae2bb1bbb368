import Crypto
import Imaging
import Testing

/// The bytes of one tile for each encoding and effort, at each revision of the engine.
///
/// Who changes the engine so that another byte comes out raises `engineRevision`, and adds what comes out then: else the
/// log's recipes would say that old tiles and new ones are the same.
@Suite("No byte changes without a new revision")
struct EngineRevisionTests {
    /// The first 16 digits of SHA-256, by revision and name.
    private static let pins: [Int: [String: String]] = [
        3: [
            "augmented": "4c7847364449e00b",
            "flattened": "5fa15a74c99c9c58",
            "jpeg 4:2:0": "7dd19ed0faaf62e7",
            "jpeg 4:4:4": "e90eca3c6c2f39af",
            "jpeg from planes": "1fb2641d277e1b3d",
            "jpeg-lossless, coded anew": "51e28b9d703607d9",
            "jpeg-lossless, spliced": "c3dfe52d13e55d7d",
            "normalised": "fc7ad05ec5a4e3c9",
            "npy": "946cb800d2b875c5",
            "npy, halves": "7dcc266e8505d2c3",
            "png balanced": "c1d6228d44fe39e0",
            "png balanced, 16 bits": "40f0b68f4dcf792d",
            "png fast": "8f706e645dc27534",
            "png fast, 16 bits": "fcaa6a2912af73fb",
            "png fast, alpha": "33695856e10f7208",
            "png of a jpeg": "bdd59740799b862c",
            "png small": "cab4e7e69a0e23c5",
        ]
    ]

    /// Files that a library has a part in, by its version: another one may well give others.
    private static let libraries = ["libjpeg": "libjpeg-turbo 2.1.5", "zlib": "1.2.13"]

    private struct Case {
        let name: String
        let recipe: [String: String]
        /// The library that has a part in the bytes.
        var library: String?
        var source = Source.png

        enum Source { case png, jpeg, progressive, deep, alpha }
    }

    private static let cases: [Case] = [
        Case(name: "png fast", recipe: [:]), Case(name: "png balanced", recipe: ["png_compression": "balanced"]),
        Case(name: "png small", recipe: ["png_compression": "small"], library: "zlib"),
        Case(name: "png fast, 16 bits", recipe: [:], source: .deep),
        Case(name: "png balanced, 16 bits", recipe: ["png_compression": "balanced"], source: .deep),
        Case(name: "png fast, alpha", recipe: [:], source: .alpha),
        Case(name: "flattened", recipe: ["alpha": "flatten:#204060"], source: .alpha),
        Case(name: "npy", recipe: ["tile_format": "npy"]),
        Case(name: "npy, halves", recipe: ["tile_format": "npy", "sample_type": "f16", "normalise": "min-max"]),
        Case(name: "normalised", recipe: ["normalise": "percentile:2,98"]),
        Case(
            name: "augmented",
            recipe: [
                "augment": "flip-horizontal p=1; rotate p=1 degrees=5..9; scale-crop p=1 scale=0.6..0.9; "
                    + "brightness p=1 delta=0.1..0.2; gamma p=1 gamma=1.2..1.3; hue-saturation p=1 hue=-20..20; "
                    + "blur p=1 sigma=1..2; noise p=1 sigma=0.02..0.03; dropout p=1 holes=3..5 size=0.1..0.2",
                "variants": "1", "plain_tiles": "omit",
            ]
        ),
        Case(name: "jpeg 4:2:0", recipe: ["tile_format": "jpeg"], library: "libjpeg"),
        Case(
            name: "jpeg 4:4:4",
            recipe: ["tile_format": "jpeg", "jpeg_subsampling": "4:4:4", "jpeg_quality": "75"],
            library: "libjpeg"
        ),
        Case(name: "jpeg from planes", recipe: ["tile_format": "jpeg"], library: "libjpeg", source: .jpeg),
        // Only because its source is drawn by cjpeg.
        Case(
            name: "jpeg-lossless, spliced",
            recipe: ["tile_format": "jpeg-lossless"],
            library: "libjpeg",
            source: .jpeg
        ),
        Case(
            name: "jpeg-lossless, coded anew",
            recipe: ["tile_format": "jpeg-lossless"],
            library: "libjpeg",
            source: .progressive
        ),
        Case(name: "png of a jpeg", recipe: [:], library: "libjpeg", source: .jpeg),
    ]

    private static func file(_ source: Case.Source) throws -> [UInt8] {
        let (width, height) = (300, 200)
        func png(_ channels: Int, _ bitDepth: Int = 8) throws -> [UInt8] {
            let pixels = PNGDrawing.photograph.pixels(
                width: width,
                height: height,
                channels: channels,
                bitDepth: bitDepth
            )
            return try PNGEncoder.encode(
                pixels: pixels,
                width: width,
                height: height,
                channels: channels,
                bitDepth: bitDepth
            )
        }
        switch source {
        case .png: return try png(3)
        case .deep: return try png(3, 16)
        case .alpha: return try png(4)
        case .jpeg, .progressive:
            // Drawn by cjpeg: bits that this engine has not written.
            let pixels = PNGDrawing.photograph.pixels(width: width, height: height, channels: 3)
            let encode = source == .progressive ? ["-progressive"] : ["-quality", "90"]
            return try LosslessSample.encode(pixels, width: width, height: height, channels: 3, encode: encode)
        }
    }

    @Test("one tile of each encoding and effort has the digest that was noted for this revision")
    func digests() throws {
        let pins = try #require(Self.pins[engineRevision], "no digests are noted for revision \(engineRevision)")
        var found: [String: String] = [:]
        for tried in Self.cases {
            var recipe = tried.recipe
            recipe["tile_size"] = "128"
            recipe["tile_overlap"] = "16"
            let settings = try TilingSettings(values: recipe)
            let tiles = try Samples.tiles(Self.file(tried.source), settings: settings).tiles
            let digest = SHA256.hash(data: tiles.flatMap(\.sha256)).prefix(8)
            found[tried.name] = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            if let library = tried.library, ImagingLibraries.versions[library] != Self.libraries[library] { continue }
            #expect(found[tried.name] == pins[tried.name], "\(tried.name)")
        }
        #expect(Set(pins.keys) == Set(found.keys), "\(found.sorted { $0.key < $1.key })")
    }
}
