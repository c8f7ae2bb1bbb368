import Foundation
import TestSupport
import Testing

@Suite("What the README shows is so", .timeLimit(.minutes(10)))
struct ReadmeTests {
    private let readme: String

    init() throws {
        readme = try String(contentsOfFile: Checkout.file("README.md"), encoding: .utf8)
    }

    /// The text under a heading, up to the next one of its rank or a higher one.
    private func section(_ heading: String) throws -> String {
        let rest = try #require(readme.components(separatedBy: "\n\(heading)\n").dropFirst().first, "\(heading)")
        let rank = heading.prefix { $0 == "#" }.count
        let end = rest.firstRange(of: try Regex("\n#{1,\(rank)} "))?.lowerBound ?? rest.endIndex
        return String(rest[..<end])
    }

    /// The fenced blocks of a language.
    private func blocks(_ language: String, in text: String) -> [String] {
        text.components(separatedBy: "```\(language)\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    }

    @Test("the table of settings is what the program says of them")
    func settings() async throws {
        let reference = try await Tool(Checkout.swathlog).check(["config", "--reference"]).text
        let marker = "<!-- settings: made by swathlog config --reference -->"
        let shown = try #require(readme.components(separatedBy: "\(marker)\n\n").dropFirst().first)
        #expect(shown.hasPrefix("\(reference)\n"), "put the output of swathlog config --reference below its marker")
    }

    @Test("every type of event is named")
    func events() throws {
        let source = try String(contentsOfFile: Checkout.file("Sources/Events/EventType.swift"), encoding: .utf8)
        let types = source.matches(of: /= "([A-Z][A-Za-z]+)"/).map { String($0.output.1) }
        #expect(types.count > 30)
        let events = try section("## Events")
        for type in types { #expect(events.contains("`\(type)`"), "\(type)") }
    }

    @Test("every link leads somewhere, inside and outside of it")
    func links() throws {
        let headings = readme.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
            line.drop { $0 == "#" }.dropFirst().lowercased().replacing(" ", with: "-").filter {
                $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_"
            }
        }
        let links = readme.matches(of: /\]\(([^)]+)\)/).map { String($0.output.1) }
        #expect(links.count > 20)
        for link in links where !link.hasPrefix("https://") {
            let found =
                link.hasPrefix("#")
                ? headings.contains(String(link.dropFirst()))
                : FileManager.default.fileExists(atPath: Checkout.file(link))
            #expect(found, "\(link)")
        }
    }

    @Test("a webhook looks as it is shown, and its code takes it and nothing that was not signed")
    func webhook() async throws {
        let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
        let station = try Station("readme", variables: ["SWATHLOG_WEBHOOK_SECRET": secret])
        let receiver = try await Receiver.start(in: station.scratch)
        try await station.draw("north/one.png")
        try await station.ingest("--webhook-url", receiver.url)
        try await receiver.stop()
        let request = try #require(try receiver.requests().first)
        let section = try section("### What a receiver gets")

        let example = try #require(blocks("json", in: section).first)
        try #expect(Self.shape(JSON(example)) == Self.shape(JSON(request.body)))
        let head = try #require(blocks("http", in: section).first).split(separator: "\n").dropFirst()
        for line in head { #expect(request.headers[String(line.prefix { $0 != ":" })] != .null, "\(line)") }

        let python = try #require(blocks("python", in: section).first)
        let call = """
            import json, sys
            secret, file, body = sys.argv[1:]
            verify(secret, json.load(open(file)), open(body, "rb").read())
            """
        let shell = try #require(blocks("sh", in: section).first)
        let script = station.scratch.file("verify.py")
        try (python + call).write(toFile: script, atomically: true, encoding: .utf8)
        let body = station.scratch.file("body.json")
        let headers = station.scratch.file("headers.json")
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        func accepted(_ sent: String, _ values: [String], by other: String? = nil) async throws -> [Bool] {
            try sent.write(toFile: body, atomically: true, encoding: .utf8)
            let object = try JSONEncoder().encode(Dictionary(uniqueKeysWithValues: zip(names, values)))
            try object.write(to: URL(fileURLWithPath: headers))
            var bash = try Tool("bash", in: station.scratch.path)
            bash.environment["secret"] = other ?? secret
            for (name, value) in zip(["id", "timestamp", "signature"], values) { bash.environment[name] = value }
            let byPython = try await Tool("python3").run([script, other ?? secret, headers, body])
            let byShell = try await bash.run(["-euo", "pipefail", "-c", shell])
            return [byPython.status == 0, byShell.status == 0]
        }
        let values = names.map { request.headers[$0].text }
        #expect(try await accepted(request.body, values) == [true, true])
        // While a secret is replaced there is a signature by each.
        let two = [values[0], values[1], "v1,c29tZWJvZHkgZWxzZSdz \(values[2])"]
        #expect(try await accepted(request.body, two) == [true, true])
        #expect(try await accepted(request.body + " ", values) == [false, false])
        #expect(try await accepted(request.body, ["another-id"] + values.dropFirst()) == [false, false])
        #expect(try await accepted(request.body, [values[0], "1772357400", values[2]]) == [false, false])
        #expect(try await accepted(request.body, values, by: "whsec_bm90IGl0") == [false, false])
    }

    /// A value without its facts: the keys of objects, and what their values are.
    private static func shape(_ json: JSON) -> JSON {
        switch json {
        case .object(let members): .object(members.mapValues(shape))
        case .list(let items): .list(items.prefix(1).map(shape))
        case .text: .text("text")
        case .number: .text("number")
        case .bool: .text("bool")
        case .null: .null
        }
    }
}
