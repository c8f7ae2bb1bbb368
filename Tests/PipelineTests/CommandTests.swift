import Foundation
import TestSupport
import Testing

@Suite("The commands say what they do", .timeLimit(.minutes(15)))
struct CommandTests {
    private static let commands = [
        ["ingest"], ["run"], ["commit"], ["status"], ["log"], ["lineage"], ["audit", "verify"], ["replay"],
        ["sample-flight"],
        ["config"], ["reconcile"], ["doctor"], ["audit", "checkpoint"], ["audit", "prove"], ["audit", "verify-proof"],
        ["audit", "key"], ["backup"], ["restore"], ["recipe", "show"],
        ["recipe", "diff"], ["recipe", "adopt"], ["reprocess"], ["quarantine", "list"], ["quarantine", "show"],
        ["quarantine", "release"], ["quarantine", "dismiss"],
        ["notifications", "list"], ["notifications", "show"], ["notifications", "redeliver"],
        ["notifications", "enable"],
        ["export", "events"], ["export", "openlineage"], ["export", "stac"], ["export", "graphviz"],
    ]

    @Test("every command explains itself", arguments: commands)
    func help(command: [String]) async throws {
        let outcome = try await Tool(Checkout.swathlog).run(command + ["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("OVERVIEW") && outcome.text.contains("--json"))
    }

    @Test(
        "what is missing is said in words and in JSON, with the documented code",
        arguments: [
            ["status"], ["log"], ["lineage", "x"], ["audit", "verify"], ["replay"],
        ]
    )
    func noStore(command: [String]) async throws {
        let station = try Station("nothing")
        let words = try await station.program().run(command)
        #expect(words.status == 1)
        #expect(words.errorText.contains("there is no log at"))
        let json = try await station.program().run(command + ["--json"])
        #expect(json.status == 1)
        #expect(try json.parsed()["error"].text == "log-not-found")
        #expect(json.errorText.isEmpty)
    }

    @Test(
        "a wrong usage is said in words and in JSON",
        arguments: [
            ["lineage"], ["ingest"], ["log", "--from", "x"], ["nonsense"], ["sample-flight", "d", "--images", "0"],
            ["log", "--limit=-1"], ["dataset", "show", "p", "--limit=-1"], ["dataset", "diff", "HEAD", "--limit=-1"],
            ["quarantine", "list", "--limit=-1"], ["notifications", "list", "--limit=-1"], ["commit", "--timeout=-1"],
            ["notifications", "redeliver", "msg_1", "--endpoint", "other"],
        ]
    )
    func usage(command: [String]) async throws {
        let words = try await Tool(Checkout.swathlog).run(command)
        #expect(words.status == 64)
        #expect(words.errorText.contains("Usage: swathlog"))
        let json = try await Tool(Checkout.swathlog).run(command + ["--json"])
        #expect(json.status == 64)
        #expect(try json.parsed()["error"].text == "wrong-usage")
        #expect(try !json.parsed()["message"].text.isEmpty)
        #expect(json.errorText.isEmpty)
    }

    @Test("the reference of settings is Markdown, and is not asked for as JSON")
    func reference() async throws {
        let outcome = try await Tool(Checkout.swathlog).run(["config", "--reference", "--json"])
        #expect(outcome.status == 64, "\(outcome.allText)")
    }

    @Test(
        "a repository of another user is said to be one, not to lack the revision",
        arguments: [
            ["dataset", "diff", "HEAD~1"], ["lineage", "north/DJI_0001.JPG", "--at", "HEAD"],
        ]
    )
    func foreignRepository(command: [String]) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        try await Tool("chown", install: "apt-get install coreutils").check(["-R", "65534:65534", station.dataset])
        let outcome = try await station.program().run(command)
        #expect(outcome.status == 70 && outcome.errorText.contains("another user owns it"), "\(outcome.allText)")
        try await Tool("chown").check(["-R", "0:0", station.dataset])
        let unknown = try await station.program().run(command.dropLast() + ["HEAD@{999}"])
        #expect(unknown.status == 1 && unknown.errorText.contains("HEAD@{999}"), "\(unknown.allText)")
    }

    @Test("what was derived anew is told as derivations, not as images")
    func derivations() async throws {
        let station = try Station("derivations")
        try await station.draw("a/one.png")
        let first = try await station.program().check(["ingest", station.source]).text
        #expect(first.contains("of 1 derivation\n"), "\(first)")
        try await station.program().check(["ingest", station.source, "--tile-size", "128", "--tile-overlap", "16"])
        let status = try await station.program().check(["status"]).text
        #expect(status.contains("of 2 derivations\n"), "\(status)")
    }

    @Test("a sample flight is the same for a seed, and exiftool reads where it was taken")
    func sampleFlight() async throws {
        let station = try Station("flight")
        try await station.fly("one")
        try await station.fly("same")
        try await station.fly("other", seed: 2)
        for name in ["DJI_0001.JPG", "DJI_0002.JPG"] {
            func equals(_ flight: String) -> Bool {
                let one = "\(station.source)/one/\(name)"
                return FileManager.default.contentsEqual(atPath: one, andPath: "\(station.source)/\(flight)/\(name)")
            }
            #expect(equals("same"))
            #expect(!equals("other"))
        }
        let exiftool = try Tool("exiftool", install: "apt-get install libimage-exiftool-perl")
        let read = try JSON(
            try await exiftool.check(["-json", "-n", "-a", "\(station.source)/one/DJI_0001.JPG"]).text
        )[0]
        try await station.ingest()
        // The same content is cut once, for whichever of its objects comes first.
        let streams = try await station.events("ObjectObserved").filter {
            ["one/DJI_0001.JPG", "same/DJI_0001.JPG"].contains($0["payload"]["key"].text)
        }.map { $0["stream"].text }
        let of = try await station.events("ObjectValidated").first { streams.contains($0["stream"].text) }
        let validated = try #require(of)["payload"]["metadata"]
        for (ours, theirs) in [
            ("gimbal_pitch", "GimbalPitchDegree"), ("gimbal_yaw", "GimbalYawDegree"),
            ("relative_altitude_m", "RelativeAltitude"),
        ] {
            guard case .number(let value) = validated[ours] else {
                Issue.record("no \(ours) in \(validated)")
                continue
            }
            let other = if case .number(let number) = read[theirs] { number } else { Double(read[theirs].text) }
            #expect(other == value, "\(ours) \(read[theirs])")
        }
    }

    @Test("a setting comes from the flag, the environment, the file, the store, or the default, in that order")
    func precedence() async throws {
        let station = try Station("settings")
        let file = station.scratch.file("settings.yaml")
        try "tile_size: 300\ntile_overlap: 10\nworkers: 1\n".write(toFile: file, atomically: true, encoding: .utf8)
        func setting(_ name: String, _ flags: [String], _ variables: [String: String]) async throws -> [String] {
            let found = try await station.program(variables).check(["config", "--json"] + flags).parsed()[name]
            return [found["value"].text, found["origin"].text]
        }
        let variables = ["SWATHLOG_TILE_SIZE": "400", "SWATHLOG_CONFIG": file]
        #expect(try await setting("tile_size", ["--tile-size", "200"], variables) == ["200", "--tile-size"])
        #expect(try await setting("tile_size", [], variables) == ["400", "SWATHLOG_TILE_SIZE"])
        #expect(try await setting("tile_size", [], ["SWATHLOG_CONFIG": file]) == ["300", file])
        #expect(try await setting("tile_size", ["--config", file], [:]) == ["300", file])
        #expect(try await setting("tile_size", [], [:]) == ["512", "default"])
        try await station.draw("a/one.png")
        try await station.ingest("--tile-size", "128")
        #expect(try await setting("tile_size", [], [:]) == ["128", "the store's recipe"])
        #expect(try await setting("webhook_secret", [], ["SWATHLOG_WEBHOOK_SECRET": "hush"])[0] == "<redacted>")
    }

    @Test(
        "a wrong setting is named, and stops the command",
        arguments: [
            (["SWATHLOG_TILE_SIZE": "large"], "", "SWATHLOG_TILE_SIZE"),
            (["SWATHLOG_TILE_SZE": "512"], "", "SWATHLOG_TILE_SZE"),
            (["SWATHLOG_TILE_OVERLAP": "600"], "", "overlap"), (["SWATHLOG_TILE_OVERLAP": "a few"], "", "tile_overlap"),
            (["SWATHLOG_TILE_EDGE": "fold"], "", "pad:reflect"), (["SWATHLOG_SAMPLE_TYPE": "f32"], "", "npy"),
            (["SWATHLOG_AUGMENT": "spin p=1", "SWATHLOG_VARIANTS": "1"], "", "rotate-90"),
            (["SWATHLOG_AUGMENT": "rotate degrees=-90..90", "SWATHLOG_VARIANTS": "1"], "", "-45"),
            (["SWATHLOG_AUGMENT": "flip-vertical"], "", "variants"),
            (["SWATHLOG_TILE_FORMAT": "jpeg-lossless", "SWATHLOG_TILE_EDGE": "pad:0"], "", "shift, crop or drop"),
            (["SWATHLOG_NORMALISE": "mean-std:0.5/0.2"], "", "f32"), (["SWATHLOG_SKIP_BLANK": "entropy:9"], "", "8"),
            (["SWATHLOG_TILE_FORMAT": "gif"], "", "png, jpeg"),
            (["SWATHLOG_WEBHOOK_SECRET": "whsec_%%"], "", "webhook_secret"),
            (["SWATHLOG_WEBHOOK_URL": "ftp://x"], "", "webhook_url"),
            ([:], "tile_size: 512\ntile_sice: 3\n", "settings.yaml:2"),
            ([:], "tile_size: [1, 2]\n", "tile_size"),
            ([:], "tile_size: many\n", "settings.yaml"),
            ([:], "- a\n", "mapping"),
            ([:], "a: : b\n", "settings.yaml"),
        ] as [([String: String], String, String)]
    )
    func wrongSetting(variables: [String: String], file: String, says: String) async throws {
        let station = try Station("wrong")
        var variables = variables
        if !file.isEmpty {
            try file.write(toFile: station.scratch.file("settings.yaml"), atomically: true, encoding: .utf8)
            variables["SWATHLOG_CONFIG"] = station.scratch.file("settings.yaml")
        }
        for command in [["config"], ["ingest", station.source]] {
            let outcome = try await station.program(variables).run(command)
            #expect(outcome.status == 78, "\(command) \(outcome.allText)")
            #expect(outcome.errorText.contains(says), "\(outcome.errorText)")
        }
    }

    @Test("a path that is not there changes nothing, not even the recipe")
    func mistypedPath() async throws {
        let station = try Station("mistyped")
        let wrong = station.scratch.file("no-such-folder")
        for command in [["ingest", station.source, wrong], ["run", "--source", wrong]] {
            let outcome = try await station.program().run(command + ["--tile-size", "128"])
            #expect(outcome.status == 78, "\(outcome.allText)")
            #expect(outcome.errorText.contains("no-such-folder"))
            #expect(!FileManager.default.fileExists(atPath: station.store))
        }
        try await station.draw("a/one.png")
        try await station.ingest()
        let before = try await station.events()
        for command in [["ingest", wrong], ["run", "--source", wrong]] {
            #expect(try await station.program().run(command + ["--tile-size", "128"]).status == 78)
        }
        #expect(try await station.events() == before)
    }

    @Test("the log can be filtered, and followed while another process writes it")
    func log() async throws {
        let station = try Station("log")
        try await station.draw("a/one.png")
        try await station.ingest()
        let all = try await station.events()
        #expect(all.compactMap { $0["position"].int } == Array(1...all.count))
        #expect(try await station.events("TileWritten").allSatisfy { $0["type"].text == "TileWritten" })
        let stream = try #require(all.first { $0["type"].text == "ObjectObserved" })["stream"].text
        let history = try JSON.lines(try await station.run("log", "--stream", stream, "--json").text)
        #expect(history.map { $0["type"].text } == ["ObjectObserved", "ObjectFetched", "ObjectValidated"])
        #expect(
            try JSON.lines(try await station.run("log", "--from", "3", "--limit", "2", "--json").text)
                .compactMap { $0["position"].int } == [3, 4]
        )

        let follower = try station.program().start(["log", "--follow", "--json", "--type", "DatasetCommitted"])
        try await station.draw("b/two.png", "-negate")
        try await station.ingest()
        try await eventually("the follower sees the other process's commit") {
            try JSON.lines(follower.outputSoFar).count == 2
        }
        follower.signal(SIGTERM)
        _ = try await follower.outcome()
    }

    @Test("a replay, and a projections.db that was deleted, end in the same tables")
    func replay() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let before = try await dump(station)
        try await station.program().check(["replay"])
        #expect(try await dump(station) == before)
        for name in ["projections.db", "projections.db-wal", "projections.db-shm"] {
            try? FileManager.default.removeItem(atPath: "\(station.store)/\(name)")
        }
        try await station.program().check(["replay"])
        #expect(try await dump(station) == before)
        #expect(before.count > 2_000)
        let unknown = try await station.run("replay", "nothing")
        #expect(unknown.status == 70)
        #expect(unknown.errorText.contains("catalog"))
    }

    private func dump(_ station: Station) async throws -> String {
        let script = "import sqlite3,sys; print('\\n'.join(sqlite3.connect(sys.argv[1]).iterdump()))"
        return try await Tool(Checkout.peer("python")).check(["-c", script, "\(station.store)/projections.db"]).text
    }

    @Test("another recipe cuts everything anew in one version, and going back makes nothing")
    func recipe() async throws {
        let station = try Station("recipe")
        try await station.draw("a/one.png")
        try await station.draw("a/two.png", "-negate")
        try await station.ingest()
        let first = try await station.manifests()
        let report = try await station.ingest("--tile-size", "128", "--tile-overlap", "16")
        #expect(report["derivations"].int == 2)
        #expect(report["commits"].list.count == 1)
        #expect(try station.tiles(of: "a/one.png").count == 6)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.ingest()["commits"].list.isEmpty, "the store keeps its recipe")
        let back = try await station.ingest("--tile-size", "512", "--tile-overlap", "64")
        #expect(back["derivations"].int == 0)
        #expect(back["commits"].list.count == 1)
        #expect(try await station.manifests() == first)
    }

    @Test("the documents know every command, event type and reason")
    func documents() throws {
        let readme = try String(contentsOfFile: "\(Checkout.root)/README.md", encoding: .utf8)
        let events = try String(
            contentsOfFile: "\(Checkout.root)/Sources/Events/Events.docc/Events.md",
            encoding: .utf8
        )
        for command in Self.commands { #expect(readme.contains("`\(command.joined(separator: " "))"), "\(command)") }
        let types = try sourceMatches(of: /= "([A-Z][A-Za-z]+)"/, in: "Events/EventType.swift")
        #expect(types.count > 15)
        for type in types { #expect(events.contains("### \(type)\n"), "\(type)") }
        let files = [
            "Intake/Finding.swift", "Imaging/ImagingError.swift", "ObjectStores/FolderStore.swift",
            "ObjectStores/S3/S3Error.swift", "Files/FileError.swift",
        ]
        let reasons = try files.flatMap { try sourceMatches(of: /case \w+ = "([a-z0-9-]+)"/, in: $0) }
        #expect(reasons.count > 30)
        for reason in reasons { #expect(readme.contains("`\(reason)`"), "\(reason)") }
    }

    private func sourceMatches(of pattern: Regex<(Substring, Substring)>, in file: String) throws -> [String] {
        try String(contentsOfFile: "\(Checkout.root)/Sources/\(file)", encoding: .utf8)
            .matches(of: pattern).map { String($0.output.1) }
    }
}
