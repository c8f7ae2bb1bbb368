import Foundation
import TestSupport
import Testing

@Suite("The article on the architecture and the code", .timeLimit(.minutes(5)))
struct ArchitectureTests {
    private let article: String

    init() throws {
        let path = Checkout.file("Sources/Commands/Commands.docc/Architecture.md")
        article = try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test("name the same targets with the same dependencies, which all stand above who uses them")
    func targets() async throws {
        let scratch = try Scratch("manifest")
        // A scratch path of its own: whoever runs the tests holds the lock of the checkout's.
        let swift = try Tool("swift", install: "https://www.swift.org/install/linux/", in: Checkout.root)
        let dump = ["package", "--scratch-path", scratch.file("build"), "dump-package"]
        let manifest = try await swift.check(dump).parsed()
        let targets = manifest["targets"].list.filter { $0["type"].text != "test" }
        let names = Set(targets.map { $0["name"].text })
        let used = targets.map { target in
            target["dependencies"].list.compactMap { dependency in
                [dependency["byName"][0].text, dependency["target"][0].text].first(where: names.contains)
            }
        }
        let code = Dictionary(uniqueKeysWithValues: zip(targets.map { $0["name"].text }, used.map { $0.sorted() }))
        #expect(code.count > 15)

        let rows = article.matches(of: /(?m)^\| `([\w-]+)` \| .+ \|([^|]*)\|$/).map { row in
            (name: String(row.output.1), uses: row.output.2.matches(of: /`(\w+)`/).map { String($0.output.1) })
        }
        #expect(Set(rows.map(\.name)) == names)
        for (index, row) in rows.enumerated() {
            #expect(row.uses.sorted() == code[row.name], "\(row.name)")
            #expect(Set(row.uses).isSubset(of: rows[..<index].map(\.name)), "\(row.name) uses what stands below it")
        }
    }

    @Test("know the same files")
    func files() throws {
        let paths = article.matches(of: /`((?:Sources|migrations|k8s|tools)\/[^`]*)`/).map { String($0.output.1) }
        #expect(paths.count > 10)
        for path in paths { #expect(FileManager.default.fileExists(atPath: Checkout.file(path)), "\(path)") }
    }
}
