import Foundation
import TestSupport
import Testing

@Suite("The documentation of the targets", .timeLimit(.minutes(10)))
struct DocumentationTests {
    /// The targets that have a catalog.
    private static let targets = [
        "AgentServer", "Commands", "DVC", "EventLog", "Events", "Files", "HTTPTransfer", "Imaging", "Intake", "Lineage",
        "ObjectStores", "Projections", "Stages",
    ]

    @Test("there is none but of these")
    func all() throws {
        let sources = Checkout.file("Sources")
        let found = try FileManager.default.contentsOfDirectory(atPath: sources).filter {
            FileManager.default.fileExists(atPath: "\(sources)/\($0)/\($0).docc")
        }
        #expect(found.sorted() == Self.targets)
    }

    @Test("is what DocC takes, and each of its links leads somewhere", arguments: targets)
    func builds(target: String) async throws {
        let scratch = try Scratch("docc")
        let graphs = try scratch.directory("graphs")
        let built = URL(fileURLWithPath: Checkout.swathlog).resolvingSymlinksInPath().deletingLastPathComponent().path
        let get = "https://www.swift.org/install/linux/ has it"
        // Of the modules that the tests were built with, so that nothing has to be built for it.
        try await Tool("swift-symbolgraph-extract", install: get).check(
            ["-module-name", target, "-I", "\(built)/Modules", "-target", Self.triple, "-output-dir", graphs]
                + ["-minimum-access-level", "package"]
                + Self.moduleMaps(built).flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        )
        let diagnostics = scratch.file("diagnostics.json")
        try await Tool("docc", install: get).check([
            "convert", Checkout.file("Sources/\(target)/\(target).docc"), "--additional-symbol-graph-dir", graphs,
            "--fallback-display-name", target, "--fallback-bundle-identifier", "swathlog.\(target)",
            "--output-dir", scratch.file("archive"), "--diagnostics-file", diagnostics,
        ])
        let found = try JSON(String(contentsOfFile: diagnostics, encoding: .utf8))["diagnostics"].list
            .map { "\($0["source"].text): \($0["summary"].text)" }
            // Parameters are described where their names don't do it.
            .filter { !$0.hasSuffix("is missing documentation") }
        #expect(found.isEmpty)
        let page = scratch.file("archive/data/documentation/\(target.lowercased()).json")
        #expect(FileManager.default.fileExists(atPath: page))
    }

    #if arch(arm64)
    private static let triple = "aarch64-unknown-linux-gnu"
    #else
    private static let triple = "x86_64-unknown-linux-gnu"
    #endif

    /// The modules of C that those of the package import: its own, and those of its dependencies.
    private static func moduleMaps(_ built: String) throws -> [String] {
        // The scratch directory has checkouts, and for each triple and configuration what was built.
        let checkouts = "\(built)/../../checkouts"
        let packages = try FileManager.default.contentsOfDirectory(atPath: checkouts)
        let sources = [Checkout.file("Sources")] + packages.map { "\(checkouts)/\($0)/Sources" }
        let targets = sources.flatMap { source in
            ((try? FileManager.default.contentsOfDirectory(atPath: source)) ?? []).flatMap {
                ["\(source)/\($0)", "\(source)/\($0)/include"]
            }
        }
        let made = try FileManager.default.contentsOfDirectory(atPath: built)
            .filter { $0.hasSuffix(".build") }.map { "\(built)/\($0)" }
        return (targets + made).map { "\($0)/module.modulemap" }.filter(FileManager.default.fileExists)
    }
}
