import Foundation
import TestSupport
import Testing

@Suite("What a recipe says is what the tiles are", .timeLimit(.minutes(15)))
struct RecipeTests {
    /// Judges every tile of an image with numpy and Pillow; returns how many there are.
    private func judge(_ kind: String, _ station: Station, _ name: String) async throws -> Int {
        let outcome = try await Tool(Checkout.peer("python")).run([
            pythonScript("judge_recipe"), kind, "\(station.source)/\(name)", "\(station.dataset)/\(name)",
        ])
        #expect(outcome.status == 0, "\(kind) \(name): \(outcome.allText)")
        return Int(outcome.text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    @Test("padded tiles have the asked size, and each says which of its pixels are image")
    func padded() async throws {
        let station = try Station("padded")
        try await station.draw("set/one.png", size: "300x200", "-depth", "8")
        try await station.draw("set/small.png", size: "60x50", "-depth", "8")
        try await station.ingest("--tile-size", "128x96", "--tile-overlap", "12.5%", "--tile-edge", "pad:reflect")
        #expect(try await judge("padded", station, "set/one.png") == 9)
        #expect(try await judge("padded", station, "set/small.png") == 1)
    }

    @Test("what the policy drop leaves out is counted")
    func dropped() async throws {
        let station = try Station("dropped")
        try await station.draw("set/one.png", size: "300x200", "-depth", "8")
        try await station.draw("set/small.png", size: "60x50", "-depth", "8")
        let report = try await station.ingest("--tile-size", "128", "--tile-overlap", "0", "--tile-edge", "drop")
        #expect(report["tiles"].int == 2)
        let completed = try await station.events("DerivationCompleted").map { $0["payload"] }
        #expect(completed.map { $0["uncovered_pixels"].int ?? 0 }.sorted() == [60 * 50, 300 * 200 - 256 * 128])
    }

    @Test("samples with a fraction are NumPy arrays, standardised as the recipe says")
    func standardised() async throws {
        let station = try Station("npy")
        try await station.draw("set/one.png", size: "150x100", "-depth", "8")
        try await station.ingest(
            "--tile-size",
            "64",
            "--tile-overlap",
            "0",
            "--tile-format",
            "npy",
            "--sample-type",
            "f32",
            "--normalise",
            "mean-std:0.5,0.4,0.3/0.2,0.25,0.5"
        )
        #expect(try await judge("standardised", station, "set/one.png") == 6)
    }

    @Test("an image is stretched by its own levels, not by each tile's")
    func stretched() async throws {
        let station = try Station("stretched")
        try await station.draw("set/one.png", size: "150x100", "-depth", "8")
        try await station.ingest(
            "--tile-size",
            "64",
            "--tile-overlap",
            "0",
            "--sample-type",
            "u16",
            "--normalise",
            "min-max@image"
        )
        #expect(try await judge("stretched", station, "set/one.png") == 6)
    }

    @Test("variants are drawn alike in every store, and each record leads back to the image")
    func variants() async throws {
        let recipe = ["flip-horizontal p=0.5; rotate-90 p=0.7; flip-vertical p=0.5", "3", "64x48", "8"]
        let drawn = try Station("drawn")
        try await drawn.draw("one.png", size: "150x100", "-depth", "8")
        let image = "\(drawn.source)/one.png"
        var manifests: [[String: String]] = []
        for workers in ["1", "2"] {
            let station = try Station("variants")
            try FileManager.default.createDirectory(atPath: "\(station.source)/set", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: image, toPath: "\(station.source)/set/one.png")
            try station.age("\(station.source)/set/one.png")
            try await station.ingest(
                "--augment",
                recipe[0],
                "--variants",
                recipe[1],
                "--tile-size",
                recipe[2],
                "--tile-overlap",
                recipe[3],
                "--workers",
                workers
            )
            #expect(try await judge("variant", station, "set/one.png") == 9 * 4)
            manifests.append(try await station.manifests())
        }
        #expect(manifests[0] == manifests[1] && manifests[0].count == 1)
    }

    @Test("lossless tiles are the JPEG's own coefficients, with its orientation as a tag")
    func lossless() async throws {
        let station = try Station("lossless")
        let exiftool = try Tool("exiftool", install: "apt-get install libimage-exiftool-perl")
        try await station.draw("set/turned.jpg", size: "413x310", "-quality", "92")
        try await station.draw("set/no.png", size: "40x40")
        let path = "\(station.source)/set/turned.jpg"
        try await exiftool.check(["-q", "-overwrite_original", "-n", "-Orientation=6", path])
        try station.age(path)
        let options = ["--tile-size", "120", "--tile-overlap", "16", "--tile-format", "jpeg-lossless"]
        let outcome = try await station.program().run(["ingest", station.source, "--json"] + options)
        #expect(outcome.status == 3, "\(outcome.allText)")
        // The PNG has no JPEG coefficients; sizes were moved to whole MCUs.
        let reason = try #require(try await station.events("ObjectQuarantined").first)["payload"]
        #expect(reason["reason"].text == "encode-failed" && reason["message"].text.contains("JPEG"))
        let recipe = try #require(try await station.events("RecipeAdopted").first)["payload"]["recipe"]["settings"]
        #expect(recipe["tile_size"].text == "128" && recipe["tile_overlap"].text == "16")
        #expect(try await judge("lossless", station, "set/turned.jpg") == 12)
        let read = try await exiftool.check([
            "-n", "-s3", "-Orientation", "\(station.dataset)/set/turned.jpg/0001_0001.jpg",
        ])
        #expect(read.text.trimmingCharacters(in: .whitespacesAndNewlines) == "6")
    }

    @Test("tiles without data are left out, and each omission is an event")
    func blank() async throws {
        let station = try Station("blank")
        try await station.draw(
            "set/half.png",
            size: "256x128",
            "-depth",
            "8",
            "-region",
            "128x128+0+0",
            "-fill",
            "black",
            "-colorize",
            "100"
        )
        let report = try await station.ingest(
            "--tile-size",
            "64",
            "--tile-overlap",
            "0",
            "--skip-blank",
            "no-data:0.95"
        )
        #expect(report["tiles"].int == 4 && report["tiles_skipped"].int == 4)
        let skipped = try await station.events("TileSkipped").map { $0["payload"] }
        #expect(skipped.count == 4)
        #expect(skipped.allSatisfy { ($0["window"]["x"].int ?? 999) < 128 && $0["rule"].text == "no-data:0.95:0" })
        let words = try await station.run("status").text
        #expect(words.contains("4 blank tiles"), "\(words)")
    }

    @Test("the colour profile is in every tile", arguments: ["png", "jpeg", "jpeg-lossless"])
    func profile(format: String) async throws {
        let station = try Station("profile")
        try await station.draw("set/plain.jpg", size: "300x200", "-quality", "90")
        let path = "\(station.source)/set/plain.jpg"
        try await Tool(Checkout.peer("python")).check([
            "-c",
            """
            import sys
            from PIL import Image, ImageCms
            image = Image.open(sys.argv[1])
            image.load()
            image.save(sys.argv[1], icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
            """,
            path,
        ])
        try station.age(path)
        try await station.ingest("--tile-size", "128", "--tile-overlap", "0", "--tile-format", format)
        #expect(try await judge("profile", station, "set/plain.jpg") >= 6)
        let metadata = try #require(try await station.events("ObjectValidated").first)["payload"]["metadata"]
        #expect(metadata["icc"]["colour_space"].text == "RGB ")
    }

    @Test("a recipe is shown as the settings file that goes back to it, and a difference before it is made")
    func shownAndCompared() async throws {
        let station = try Station("recipes")
        try await station.draw("set/one.png", "-depth", "8")
        try await station.draw("set/two.png", "-negate", "-depth", "8")
        #expect(try await station.run("recipe", "show").status == 1, "there is no store")
        try await station.ingest("--tile-size", "128", "--tile-overlap", "12.5%", "--skip-blank", "entropy:0.5")
        let first = try await station.program().check(["recipe", "show", "--json"]).parsed()
        // A default that changes some day must not change what was cut by it.
        let settings = try await station.events("RecipeAdopted")[0]["payload"]["recipe"]["settings"]
        for (name, value) in ["tile_edge": "shift", "tile_format": "png", "orientation": "apply", "alpha": "keep"] {
            #expect(settings[name].text == value, "\(name) is written out though nobody said it")
        }
        let file = station.scratch.file("first.yaml")
        let text = try await station.program().check(["recipe", "show"]).text
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        #expect(text.contains(first["digest"].text))
        let same = try await station.run("recipe", "diff", "--json")
        #expect(same.status == 0)
        #expect(try same.parsed()["changes"].list.isEmpty)

        let other = ["--tile-size", "96", "--tile-format", "jpeg"]
        let outcome = try await station.program().run(["recipe", "diff", "--json"] + other)
        #expect(outcome.status == 1)
        let found = try outcome.parsed()
        let changes = found["changes"].list.map { "\($0["setting"].text) \($0["from"].text) \($0["to"].text)" }
        #expect(changes.contains("tile_size 128 96") && changes.contains("tile_format png jpeg"), "\(changes)")
        #expect(found["images"].int == 2 && found["images_derived_before"].int == 0)
        #expect(try await station.events("RecipeAdopted").count == 1, "nothing is adopted by asking")
        let report = try await station.program().check(["ingest", station.source, "--json"] + other).parsed()
        #expect(report["derivations"].int == 2)
        #expect(try await station.events("RecipeAdopted").last?["payload"]["digest"] == found["to"])

        let back = try await station.program().run(["recipe", "diff", "--config", file, "--json"])
        #expect(back.status == 1)
        #expect(try back.parsed()["to"] == first["digest"])
        #expect(try back.parsed()["images_derived_before"].int == 2)
        let again = try await station.program().check(["ingest", station.source, "--json", "--config", file]).parsed()
        #expect(again["derivations"].int == 0, "what was cut before is linked")
        #expect(try await station.program().check(["recipe", "show"]).text.contains(first["digest"].text))
        let older = try await station.run("recipe", "show", String(found["to"].text.prefix(8)))
        #expect(older.status == 0 && older.text.contains("tile_size: \"96\""), "\(older.allText)")
        #expect(try await station.run("recipe", "show", "zz").status == 1)
    }
}
