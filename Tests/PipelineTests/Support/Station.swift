import Foundation
import TestSupport

/// A folder of images and the store that the program under test makes of it.
final class Station: Sendable {
    let scratch: Scratch
    /// The folder of images; each of its directories is a flight.
    let source: String
    let store: String
    /// The program's `SWATHLOG_` variables.
    let variables: [String: String]

    var dataset: String { "\(store)/dataset" }

    init(_ name: String, variables: [String: String] = [:]) throws {
        scratch = try Scratch(name)
        source = try scratch.directory("flights")
        store = scratch.file("store")
        self.variables = variables
    }

    /// The store in a copy of `other`'s scratch directory, to be harmed.
    init(copyOf other: Station) async throws {
        scratch = try Scratch("copy")
        source = scratch.file("flights")
        store = scratch.file("store")
        variables = other.variables
        // Of the copy that nobody opens: SQLite's files come and go while others read the store.
        let kept = other.scratch.file("kept")
        try await Tool("cp").check(["-a", "\(kept)/flights", "\(kept)/store", scratch.path])
    }

    /// The program under test, with this store.
    func program(_ more: [String: String] = [:]) throws -> Tool {
        var tool = try Tool(Checkout.swathlog, install: "swift build -c release", in: scratch.path)
        tool.environment["SWATHLOG_STORE"] = store
        // The receivers of the tests are on loopback and speak plain HTTP.
        tool.environment["SWATHLOG_WEBHOOK_ALLOW_INSECURE"] = "true"
        tool.environment["SWATHLOG_WEBHOOK_ALLOW_CIDRS"] = "127.0.0.0/8"
        // Many agents run at a time.
        tool.environment["SWATHLOG_HTTP_PORT"] = "0"
        tool.environment.merge(variables) { _, new in new }
        tool.environment.merge(more) { _, new in new }
        return tool
    }

    func run(_ arguments: String..., variables: [String: String] = [:]) async throws -> Outcome {
        try await program(variables).run(arguments)
    }

    /// Ingests the source, requires that all went well, and returns the report.
    @discardableResult
    func ingest(_ options: String..., variables: [String: String] = [:]) async throws -> JSON {
        try await program(variables).check(["ingest", source, "--json"] + options).parsed()
    }

    /// The events of the log, of one type or of all.
    func events(_ type: String? = nil) async throws -> [JSON] {
        let filter = type.map { ["--type", $0] } ?? []
        return try JSON.lines(try await program().check(["log", "--json"] + filter).text)
    }

    /// Draws a flight, each file a minute old so that nobody waits for it to settle.
    func fly(_ flight: String, images: Int = 2, seed: Int = 1) async throws {
        let path = "\(source)/\(flight)"
        try await program().check([
            "sample-flight", path, "--images", String(images), "--megapixels", "0.3", "--seed", String(seed),
        ])
        for name in try FileManager.default.contentsOfDirectory(atPath: path) { try age("\(path)/\(name)") }
    }

    /// Draws an image with ImageMagick: `name` is its path in the source, `options` come before it.
    func draw(_ name: String, size: String = "300x200", _ options: String...) async throws {
        let path = "\(source)/\(name)"
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        let plasma = ["-seed", String(name.utf8.reduce(7) { ($0 * 31 + Int($1)) % 65_521 }), "-size", size, "plasma:"]
        try await Tool("convert", install: "apt-get install imagemagick").check(plasma + options + [path])
        try age(path)
    }

    /// Copies one file of the source to another name in it.
    func copy(_ name: String, to other: String) throws {
        let path = "\(source)/\(other)"
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: path)
        try age(path)
    }

    /// The newest manifest id of each partition, as the log has it.
    func manifests() async throws -> [String: String] {
        var newest: [String: String] = [:]
        for event in try await events("DatasetCommitted") {
            newest[event["payload"]["partition"].text] = event["payload"]["manifest"].text
        }
        return newest
    }

    /// Makes a file look as if it was written `seconds` ago.
    func age(_ path: String, seconds: Double = 60) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
            ofItemAtPath: path
        )
    }

    /// Runs git in the dataset and returns what it printed, without the newline at the end.
    @discardableResult
    func git(_ arguments: String..., in directory: String? = nil) async throws -> String {
        try await Tool("git", in: directory ?? dataset).check(arguments).text.trimmingCharacters(in: .newlines)
    }

    /// Runs the real `dvc`.
    @discardableResult
    func dvc(_ arguments: String..., in directory: String? = nil) async throws -> Outcome {
        try await Tool(Checkout.peer("dvc"), in: directory ?? dataset).check(arguments)
    }

    /// The lines of an image's `tiles.jsonl`, by its path in the dataset.
    func tiles(of image: String) throws -> [JSON] {
        try JSON.lines(String(contentsOfFile: "\(dataset)/\(image)/tiles.jsonl", encoding: .utf8))
    }
}

/// Runs one of the scripts beside the tests and returns what it printed.
@discardableResult
func python(_ script: String, _ arguments: String...) async throws -> Outcome {
    try await Tool(Checkout.peer("python")).check([pythonScript(script)] + arguments)
}

func pythonScript(_ name: String) -> String { "\(Checkout.root)/Tests/PipelineTests/Python/\(name).py" }

/// The files below a directory, by their path in it; links are followed.
func files(below directory: String, suffix: String = "") throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: directory).filter { path in
        var isDirectory: ObjCBool = false
        return path.hasSuffix(suffix)
            && FileManager.default.fileExists(atPath: "\(directory)/\(path)", isDirectory: &isDirectory)
            && !isDirectory.boolValue
    }.sorted()
}

/// A store that tests only read: two flights, pushed to a remote, announced to a receiver.
enum SharedStation {
    private static let making = Task { try await make() }

    static func get() async throws -> Station { try await making.value }

    private static func make() async throws -> Station {
        let station = try Station("shared")
        try await station.fly("north")
        try await station.fly("south", images: 1, seed: 2)
        let receiver = try await Receiver.start(in: station.scratch)
        try await station.ingest("--dvc-remote", station.scratch.file("remote"), "--webhook-url", receiver.url)
        try await receiver.stop()
        let kept = try station.scratch.directory("kept")
        try await Tool("cp").check(["-a", station.source, station.store, kept])
        return station
    }
}
