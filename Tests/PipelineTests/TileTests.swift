import Foundation
import TestSupport
import Testing

@Suite("Tiles, with Pillow as judge", .serialized, .timeLimit(.minutes(15)))
struct TileTests {
    /// Compares every tile of an image with the image that Pillow decodes; `difference` is how far a sample may be off.
    private func compare(_ station: Station, _ name: String, image: String? = nil, difference: Int = 0) async throws {
        let outcome = try await Tool(Checkout.peer("python")).run([
            pythonScript("compare_tiles"), "\(station.source)/\(name)", "\(station.dataset)/\(image ?? name)",
            String(difference),
        ])
        #expect(outcome.status == 0, "\(name): \(outcome.allText)")
    }

    @Test("the tiles of a PNG are its pixels, cover it all, and their index says the truth about them")
    func pngTiles() async throws {
        let station = try Station("png")
        try await station.draw("set/colour.png", size: "1111x777", "-depth", "8")
        try await station.draw("set/small.png", size: "90x60", "-depth", "8")
        try await station.draw("set/grey.png", size: "600x520", "-colorspace", "Gray", "-depth", "8")
        try await station.draw(
            "set/alpha.png",
            size: "560x300",
            "-alpha",
            "set",
            "-channel",
            "A",
            "-evaluate",
            "set",
            "40%"
        )
        try await station.draw("set/palette.png", size: "530x530", "-colors", "64", "-type", "Palette")
        try await station.ingest()
        for name in ["colour", "small", "grey", "alpha", "palette"] { try await compare(station, "set/\(name).png") }
        #expect(try station.tiles(of: "set/colour.png").count == 6)
        #expect(try station.tiles(of: "set/small.png").count == 1)
    }

    @Test("16 bits a sample stay 16 bits")
    func deepPNG() async throws {
        let station = try Station("deep")
        try await station.draw("set/deep.png", size: "530x300", "-colorspace", "Gray", "-depth", "16")
        try await station.ingest()
        try await compare(station, "set/deep.png")
    }

    @Test("a JPEG is turned upright by its EXIF orientation before it is cut", arguments: [1, 3, 6, 8])
    func orientation(_ value: Int) async throws {
        let station = try Station("turned")
        try await station.draw("set/turned.jpg", size: "720x560", "-quality", "92", "-sampling-factor", "4:4:4")
        let path = "\(station.source)/set/turned.jpg"
        try await Tool("exiftool", install: "apt-get install libimage-exiftool-perl")
            .check(["-q", "-overwrite_original", "-n", "-Orientation=\(value)", path])
        try station.age(path)
        try await station.ingest()
        // The decoders round colours differently by a step or two.
        try await compare(station, "set/turned.jpg", difference: 2)
        let validated = try #require(try await station.events("ObjectValidated").first)["payload"]
        #expect(validated["orientation"].int == value)
    }

    @Test("jpeg tiles are JPEG files that are close to the image")
    func jpegTiles() async throws {
        let station = try Station("jpeg")
        try await station.draw("set/image.png", size: "700x500", "-blur", "0x2", "-depth", "8")
        try await station.ingest("--tile-format", "jpeg", "--jpeg-quality", "95")
        #expect(try files(below: "\(station.dataset)/set", suffix: ".jpg").count == 2)
        try await compare(station, "set/image.png", difference: 24)
    }

    @Test("tiles of a flight with GPS say where they lie on the ground")
    func footprints() async throws {
        let station = try await SharedStation.get()
        let lines = try station.tiles(of: "north/DJI_0001.JPG")
        #expect(lines.count == 2)
        for line in lines {
            #expect(line["footprint"]["type"].text == "Polygon")
            let ring = line["footprint"]["coordinates"][0].list
            #expect(ring.count == 5)
            #expect(ring.first == ring.last)
            #expect(!line["footprint_assumption"].text.isEmpty)
        }
        try await compare(station, "north/DJI_0001.JPG", difference: 2)
    }

    @Test("a validated image says what ground it shows: its tiles' corners are on it")
    func wholeFootprint() async throws {
        let station = try Station("ground")
        try await station.fly("north", images: 1)
        try await station.ingest("--tile-edge", "crop")
        let validated = try #require(try await station.events("ObjectValidated").first)["payload"]
        #expect(validated["footprint"]["type"].text == "Polygon")
        let whole = validated["footprint"]["coordinates"][0].list
        #expect(whole.count == 5 && whole.first == whole.last)
        #expect(validated["footprint_assumption"].text.contains("flat ground"))
        #expect(validated["footprint_error_m"].double ?? 0 > 0)
        let tiles = try station.tiles(of: "north/DJI_0001.JPG")
        #expect(tiles.allSatisfy { $0["footprint_assumption"] == validated["footprint_assumption"] })
        // The image's upper left and lower right corners are those of its first and last tile.
        let first = try #require(tiles.first?["footprint"]["coordinates"][0].list)
        let last = try #require(tiles.last?["footprint"]["coordinates"][0].list)
        #expect(first[0] == whole[0] && last[2] == whole[2])
    }

    @Test("of an oblique image whose upper part comes near the horizon, the lower tiles have a place and an assumption")
    func obliqueFootprint() async throws {
        let station = try Station("oblique")
        try await station.fly("north", images: 1)
        let path = "\(station.source)/north/DJI_0001.JPG"
        try await Tool("exiftool", install: "apt-get install libimage-exiftool-perl")
            .check(["-q", "-overwrite_original", "-XMP-drone-dji:GimbalPitchDegree=-36.00", path])
        try station.age(path)
        try await station.ingest("--tile-size", "128", "--tile-overlap", "16")
        let validated = try #require(try await station.events("ObjectValidated").first)["payload"]
        #expect(!validated.keys.contains("footprint") && !validated.keys.contains("footprint_assumption"))
        let tiles = try station.tiles(of: "north/DJI_0001.JPG")
        let placed = tiles.filter { $0.keys.contains("footprint") }
        #expect(!placed.isEmpty && placed.count < tiles.count, "\(placed.count) of \(tiles.count)")
        #expect(placed.allSatisfy { $0["footprint_assumption"].text.contains("flat ground") })
        let lastRow = tiles.compactMap { $0["row"].int }.max()
        #expect(tiles.filter { $0["row"].int == lastRow }.allSatisfy { $0.keys.contains("footprint") })
    }

    @Test("a variant says how large its file is, and what ground its crop left")
    func variantFootprint() async throws {
        let station = try Station("variants")
        try await station.fly("north", images: 1)
        try await station.ingest(
            "--tile-size",
            "256x128",
            "--tile-overlap",
            "0",
            "--variants",
            "3",
            "--augment",
            "rotate-90 p=1 turns=1; scale-crop p=1 scale=0.5..0.6"
        )
        let tiles = try station.tiles(of: "north/DJI_0001.JPG")
        for place in Set(tiles.map { $0["name"].text.prefix(9) }) {
            let versions = tiles.filter { $0["name"].text.hasPrefix(place) }
            let plain = try #require(versions.first { !$0.keys.contains("variant") })
            #expect(!plain.keys.contains("width"))
            for variant in versions where variant.keys.contains("variant") {
                #expect(variant["window"] == plain["window"])
                #expect(variant["width"] == plain["window"]["height"] && variant["height"] == plain["window"]["width"])
                let part = Self.extent(variant)
                let whole = Self.extent(plain)
                #expect(part < whole * 0.7 && part > whole * 0.4, "\(part) \(whole)")
            }
        }
    }

    /// How many degrees a tile's footprint spans along its longer side.
    private static func extent(_ tile: JSON) -> Double {
        let ring = tile["footprint"]["coordinates"][0].list
        func span(_ axis: Int) -> Double {
            let values = ring.compactMap { $0[axis].double }
            return (values.max() ?? 0) - (values.min() ?? 0)
        }
        return max(span(0), span(1))
    }

    @Test("an image without a position has tiles without a footprint")
    func noFootprint() async throws {
        let station = try Station("nowhere")
        try await station.draw("set/plain.png")
        try await station.ingest()
        #expect(
            try station.tiles(of: "set/plain.png").map(\.keys) == [
                [
                    "affine", "bytes", "col", "edge", "md5", "name", "recipe", "row", "sha256", "source_sha256",
                    "valid",
                    "window",
                ]
            ]
        )
    }

    @Test("one worker and two make the same bytes, in two stores")
    func reproducible() async throws {
        let first = try Station("one-worker")
        try await first.fly("north", images: 4)
        try await first.draw("maps/plan.png", size: "900x700")
        let second = try Station("two-workers")
        try await Tool("cp").check(["-r", "\(first.source)/.", second.source])
        for name in try files(below: second.source) { try second.age("\(second.source)/\(name)", seconds: 100) }
        try await first.ingest("--workers", "1")
        try await second.ingest("--workers", "2")
        let manifests = try await [first.manifests(), second.manifests()]
        #expect(manifests[0].keys.sorted() == ["maps", "north"])
        #expect(manifests[0] == manifests[1])
    }

    @Test("the same content under two names is cut once and stands under both")
    func sameContent() async throws {
        let station = try Station("twins")
        try await station.draw("a/first.png")
        try station.copy("a/first.png", to: "b/second.png")
        let report = try await station.ingest()
        #expect(report["derivations"].int == 1)
        try await compare(station, "a/first.png")
        try await compare(station, "b/second.png")
    }
}
