import Foundation
import TestSupport
import Testing

@Suite("What counts the lines that the tests run", .timeLimit(.minutes(1)))
struct CoverageTests {
    typealias Lines = [(file: String, covered: Int, count: Int)]

    private static func summary(_ lines: Lines) throws -> Data {
        let files = lines.map {
            let lines = ["covered": $0.covered, "count": $0.count]
            return ["filename": $0.file, "summary": ["lines": lines]] as [String: Any]
        }
        return try JSONSerialization.data(withJSONObject: ["data": [["files": files]]])
    }

    private static func count(_ lines: Lines, least: String) async throws -> Outcome {
        let scratch = try Scratch("coverage")
        let path = scratch.file("summary.json")
        try summary(lines).write(to: URL(fileURLWithPath: path))
        return try await Tool(Checkout.file("tools/coverage")).run([path, least])
    }

    @Test("adds up targets, leaves out the benchmarks and what is not ours, and names the worst files under the least")
    func verdict() async throws {
        let lines = [
            (Checkout.file("Sources/Events/A.swift"), 80, 100), (Checkout.file("Sources/Files/B.swift"), 79, 100),
            (Checkout.file("Sources/Benchmarks/C.swift"), 0, 100), ("/usr/share/D.swift", 0, 100),
        ]
        let enough = try await Self.count(lines, least: "79.5")
        #expect(enough.status == 0, "\(enough.errorText)")
        #expect(enough.text.contains(/Files +79 of +100 lines +79.0 %/), "\(enough.text)")
        #expect(enough.text.contains(/all +159 of +200 lines +79.5 %/), "\(enough.text)")
        let tooFew = try await Self.count(lines, least: "80")
        #expect(tooFew.status == 1)
        let worst = /21 lines of Sources\/Files\/B.swift\n +20 lines of Sources\/Events\/A.swift\n$/
        #expect(tooFew.errorText.contains(worst), "\(tooFew.errorText)")
    }

    @Test("a summary of another checkout is no 100 %")
    func elsewhere() async throws {
        #expect(try await Self.count([("/elsewhere/Sources/Events/A.swift", 1, 1)], least: "80").status == 1)
    }
}
