import Foundation
import Synchronization
import TestSupport
import Testing

/// A batch of everything that can be wrong with a file, among files that are fine.
private enum BadBatch {
    private static let making = Task { try await make() }

    static func get() async throws -> (station: Station, outcome: Outcome) { try await making.value }

    private static func make() async throws -> (station: Station, outcome: Outcome) {
        let station = try Station("bad")
        try await python("make_bad", "\(station.source)/batch")
        return (station, try await station.run("ingest", station.source))
    }
}

@Suite("Bad input has a reason, and disturbs nobody", .timeLimit(.minutes(15)))
struct BadInputTests {
    @Test(
        "what can't be used is quarantined with its reason",
        arguments: [
            ("zero.jpg", "empty-file", ""),
            ("truncated.jpg", "truncated", "row"),
            ("segment.jpg", "corrupt", ""),
            ("crc.png", "corrupt", "IDAT"),
            ("text.jpg", "not-an-image", ""),
            ("bomb.jpg", "too-many-pixels", "65535"),
            ("bomb.png", "too-many-pixels", "65535"),
            ("scan.jpg", "unsupported-format", "TIFF"),
            ("web.jpg", "unsupported-format", "WebP"),
            ("phone.jpg", "unsupported-format", "HEI"),
            ("dangling.png", "dangling-symlink", ""),
            ("loop", "symlink-loop", ""),
            ("pipe.png", "not-a-file", ""),
            ("caf%E9.png", "name-not-utf8", "rename"),
        ]
    )
    func reason(name: String, code: String, says: String) async throws {
        let (station, _) = try await BadBatch.get()
        let status = try await station.run("status", "--json").parsed()
        let found = status["quarantined"].list.first { $0["key"].text == "batch/\(name)" }
        let object = try #require(found, "\(name) is not in quarantine")
        #expect(object["reason"].text == code)
        let message = object["message"].text
        #expect(!message.isEmpty && (says.isEmpty || message.contains(says)), "\(message)")
    }

    @Test(
        "odd names are tiled like any other",
        arguments: [
            "good.jpg", "good.png", "with space.png", "Gr\u{F6}\u{DF}e \u{E9}.png", "Gro\u{308}\u{DF}e e\u{301}.png",
            "a..b.png", "-rf.png", "日本語.png", String(repeating: "x", count: 251) + ".png",
        ]
    )
    func oddName(name: String) async throws {
        let (station, _) = try await BadBatch.get()
        let tile = "\(station.dataset)/batch/\(name)/0000_0000.png"
        #expect(FileManager.default.fileExists(atPath: tile))
        #expect(try station.tiles(of: "batch/\(name)").count == 1)
    }

    @Test("the batch ends with the code for quarantined objects, and the dataset is what dvc says it is")
    func batchIsWhole() async throws {
        let (station, outcome) = try await BadBatch.get()
        #expect(outcome.status == 3, "\(outcome.allText)")
        #expect(outcome.text.contains("quarantined"))
        let status = try await station.run("status", "--json").parsed()
        #expect(status["objects"]["derived"].int == 11)
        #expect(status["objects"]["quarantined"].int == 15)
        #expect(status["work"].list.isEmpty)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.run("audit", "verify").status == 0)
        let again = try await station.run("ingest", station.source)
        #expect(again.status == 0, "nothing new was quarantined: \(again.allText)")
        #expect(again.text.contains("Nothing new"))
    }

    @Test("a name with an escape sequence does not steer the terminal")
    func terminal() async throws {
        let (station, outcome) = try await BadBatch.get()
        let key = "batch/\u{1B}[31mred.jpg"
        let outcomes = [
            outcome, try await station.run("status"), try await station.run("lineage", key),
            try await station.run("log"),
        ]
        for outcome in outcomes { #expect(!outcome.output.contains(0x1B)) }
        // The report lists the newest few.
        for outcome in outcomes.dropFirst() { #expect(outcome.text.contains("red.jpg")) }
    }

    @Test("a header that promises too much costs no memory")
    func bombs() async throws {
        let station = try Station("bomb")
        try await python("make_bad", "\(station.source)/batch")
        let arguments = [
            pythonScript("measure"), Checkout.swathlog, "ingest", station.source, "--store", station.store,
        ]
        let words = try await Tool(Checkout.peer("python")).check(arguments).text.split(separator: " ")
        let kilobytes = try #require(words.first.flatMap { Int($0) })
        #expect(kilobytes < 400_000, "65,535 × 65,535 pixels would be 12 GB")
    }

    @Test("max_pixels is a limit that the operator sets")
    func limit() async throws {
        let station = try Station("limit")
        try await station.draw("a/large.png", size: "400x300")
        try await station.draw("a/small.png", size: "100x100")
        let outcome = try await station.run(
            "ingest",
            station.source,
            "--json",
            variables: ["SWATHLOG_MAX_PIXELS": "50000"]
        )
        #expect(outcome.status == 3)
        let status = try await station.run("status", "--json").parsed()
        #expect(status["quarantine"]["too-many-pixels"].int == 1)
        #expect(status["objects"]["derived"].int == 1)
    }

    @Test("a file that nobody may read is quarantined, and read once it may be")
    func permissions() async throws {
        let station = try Station("permissions")
        try await station.draw("a/open.png")
        try await station.draw("a/closed.png", "-negate")
        let closed = "\(station.source)/a/closed.png"
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: closed)
        // Nothing is forbidden to root, so the program runs as nobody.
        let isRoot = geteuid() == 0
        if isRoot { try await Tool("chown").check(["-R", "65534:65534", station.scratch.path]) }
        var program = try Tool(
            isRoot ? "setpriv" : Checkout.swathlog,
            install: "apt-get install util-linux",
            in: station.scratch.path
        )
        program.environment["HOME"] = station.scratch.path
        let prefix = isRoot ? ["--reuid=65534", "--regid=65534", "--clear-groups", Checkout.swathlog] : []
        let ingest = prefix + ["ingest", station.source, "--store", station.store, "--json"]
        let first = try await program.run(ingest)
        #expect(first.status == 3, "\(first.allText)")
        let status = try await program.check(prefix + ["status", "--store", station.store, "--json"]).parsed()
        #expect(status["quarantined"][0]["reason"].text == "permission-denied")
        #expect(status["objects"]["derived"].int == 1)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644, .modificationDate: Date(timeIntervalSinceNow: -30)],
            ofItemAtPath: closed
        )
        #expect(try await program.run(ingest).status == 0)
        let after = try await program.check(prefix + ["status", "--store", station.store, "--json"]).parsed()
        #expect(after["objects"]["derived"].int == 2)
    }

    @Test("a file that is still being written is never cut half")
    func growing() async throws {
        let station = try Station("growing")
        try await station.draw("a/done.png")
        try await station.draw("spare.png", size: "500x400")
        let bytes = try Data(contentsOf: URL(filePath: "\(station.source)/spare.png"))
        try FileManager.default.removeItem(atPath: "\(station.source)/spare.png")
        let path = "\(station.source)/a/growing.png"
        _ = FileManager.default.createFile(atPath: path, contents: bytes.prefix(1_000))
        let running = try station.program().start(["ingest", station.source, "--json"])
        let file = try #require(FileHandle(forWritingAtPath: path))
        var written = 1_000
        try file.seekToEnd()
        // A few bytes at each turn, so that the file never rests before it is whole.
        let isTiled = Mutex(false)
        async let neighbour: Void = {
            defer { isTiled.withLock { $0 = true } }
            try await eventually("the neighbour is tiled, long before the growing file is whole") {
                let log = try await station.run("log", "--type", "DerivationCompleted")
                return log.status == 0 && log.text.contains("DerivationCompleted")
            }
        }()
        try await eventually("the neighbour's end") {
            try file.write(contentsOf: bytes[written..<written + 8])
            written += 8
            return isTiled.withLock { $0 }
        }
        try await neighbour
        #expect(written < bytes.count)
        try file.write(contentsOf: bytes[written...])
        try file.close()
        let outcome = try await running.outcome()
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(try await station.events("ObjectObserved").count == 2)
        #expect(try await station.events("ObjectQuarantined").isEmpty)
        #expect(try station.tiles(of: "a/growing.png").isEmpty == false)
    }

    @Test("a replaced file is a new version, a corrupt one takes nothing away")
    func replaced() async throws {
        let station = try Station("replaced")
        try await station.draw("a/one.png")
        try await station.draw("a/two.png", "-negate")
        try await station.ingest()
        let first = try station.tiles(of: "a/one.png")[0]["sha256"].text
        try await station.draw("a/one.png", size: "320x240", "-flip")
        try station.age("\(station.source)/a/one.png", seconds: 40)
        let report = try await station.ingest()
        #expect(report["commits"].list.count == 1)
        let second = try station.tiles(of: "a/one.png")[0]["sha256"].text
        #expect(first != second)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)

        try Data("not an image".utf8).write(to: URL(filePath: "\(station.source)/a/one.png"))
        try station.age("\(station.source)/a/one.png", seconds: 20)
        #expect(try await station.run("ingest", station.source).status == 3)
        #expect(try station.tiles(of: "a/one.png")[0]["sha256"].text == second)
        #expect(try await station.git("rev-list", "--count", "HEAD") == "3")
    }

    @Test("a removed file's tiles are kept or withdrawn, as is asked")
    func removed() async throws {
        let station = try Station("removed")
        try await station.draw("a/one.png")
        try await station.draw("a/two.png", "-negate")
        try await station.draw("a/three.png", "-flip")
        try await station.ingest()
        try FileManager.default.removeItem(atPath: "\(station.source)/a/two.png")
        let kept = try await station.ingest()
        #expect(kept["objects_removed"].int == 1)
        #expect(kept["commits"].list.isEmpty)
        #expect(FileManager.default.fileExists(atPath: "\(station.dataset)/a/two.png/0000_0000.png"))
        let spare = station.scratch.file("three.png")
        try FileManager.default.moveItem(atPath: "\(station.source)/a/three.png", toPath: spare)
        let withdrawn = try await station.ingest("--on-remove", "withdraw")
        #expect(withdrawn["commits"].list.count == 1)
        #expect(!FileManager.default.fileExists(atPath: "\(station.dataset)/a/three.png"))
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        try FileManager.default.moveItem(atPath: spare, toPath: "\(station.source)/a/three.png")
        let back = try await station.ingest()
        #expect(back["commits"].list.count == 1)
        #expect(FileManager.default.fileExists(atPath: "\(station.dataset)/a/three.png/0000_0000.png"))
        #expect(try await station.events("DerivationStarted").count == 3, "its tiles are still known")
    }

    @Test("equal content under two names is cut once, and is in the dataset twice")
    func duplicates() async throws {
        let station = try Station("duplicates")
        try await station.draw("a/one.png")
        try station.copy("a/one.png", to: "b/other.png")
        try await station.ingest()
        #expect(try await station.events("DerivationStarted").count == 1)
        #expect(try station.tiles(of: "a/one.png") == station.tiles(of: "b/other.png"))
        #expect(try await station.manifests().keys.sorted() == ["a", "b"])
    }

    @Test("the store is no part of the folder that it lies in")
    func storeInsideSource() async throws {
        let station = try Station("inside")
        try await station.draw("a/one.png")
        let store = "\(station.source)/store"
        for _ in 0..<2 {
            let outcome = try await station.run("ingest", station.source, "--store", store)
            #expect(outcome.status == 0, "\(outcome.allText)")
        }
        let status = try await station.run("status", "--store", store, "--json").parsed()
        #expect(status["objects"].keys == ["derived"])
        #expect(status["objects"]["derived"].int == 1)
    }

    @Test("an empty folder, a missing one and a single file are what they are")
    func sources() async throws {
        let station = try Station("sources")
        #expect(try await station.run("ingest", station.source).status == 0)
        let missing = try await station.run("ingest", "\(station.source)/nowhere")
        #expect(missing.status == 78)
        #expect(missing.errorText.contains("nowhere does not exist"))
        try await station.draw("a/one.png")
        try await station.draw("a/two.png", "-negate")
        #expect(try await station.run("ingest", "\(station.source)/a/one.png").status == 0)
        #expect(try await station.events("ObjectObserved").map { $0["payload"]["key"].text } == ["one.png"])
        #expect(try await station.run("ingest", "\(station.source)/a").status == 0)
        #expect(try await station.events("ObjectObserved").count == 2, "the folder's file is known from before")
    }
}
