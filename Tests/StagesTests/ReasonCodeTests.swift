import DVC
import EventLog
import Events
import Files
import Foundation
import Imaging
import Intake
import ObjectStores
import Stages
import TestSupport
import Testing

@Suite("Every reason code is in the reference, with what follows from it")
struct ReasonCodeTests {
    /// What the table says follows, by code.
    private let table: [String: String]

    init() throws {
        let path = "\(Checkout.root)/Sources/Stages/Stages.docc/Reasons.md"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
        #expect(rows.allSatisfy { $0.count == 4 && !$0.contains("") }, "a row has four cells")
        table = Dictionary(rows.map { ($0[0], $0[1]) }) { first, _ in
            Issue.record("a code is there twice")
            return first
        }
    }

    private static let words: [StageFailure.Scope: String] = [
        .passing: "again", .item: "object", .source: "source", .stage: "stage",
    ]

    /// The errors of all modules, classed as a stage classes them.
    private static let classed: [StageFailure] =
        S3Error.Code.allCases.map { StageFailure(classing: S3Error($0, "")) }
        + ImagingError.Code.allCases.map { StageFailure(classing: ImagingError($0, "")) }
        + DVCError.Code.allCases.map { StageFailure(classing: DVCError($0, "")) }
        + EventLogError.Code.allCases.map { StageFailure(classing: EventLogError($0, "")) }
        + FileError.Code.allCases.map { StageFailure(classing: FileError(code: $0, path: "", message: "")) }
        + StoreError.Code.allCases.map { StageFailure(classing: StoreError($0, "")) }
        + [StageFailure(classing: CocoaError(.fileNoSuchFile))]

    /// Codes that intake quarantines under; no stage classes them.
    private static let ofIntake = Set(
        Finding.Code.allCases.map(\.rawValue) + IntakeError.Code.allCases.map(\.rawValue) + ["malformed-notice"]
    )

    @Test("a code that an error of a module has stands there, and follows as it is classed")
    func modules() {
        for failure in Self.classed {
            // Two modules may have the same code, and differ in what follows only where the table says so.
            #expect(table[failure.reason] == Self.words[failure.scope], "\(failure.reason)")
        }
        for code in Self.ofIntake { #expect(table[code] != nil, "\(code)") }
    }

    @Test("a code that a stage gives itself stands there, and follows as it says")
    func stages() throws {
        for (scope, code) in try Self.written() { #expect(table[code] == scope, "\(code)") }
    }

    @Test("no code stands there that nothing gives")
    func noneIsLeft() throws {
        let given = Set(Self.classed.map(\.reason)).union(Self.ofIntake).union(try Self.written().map(\.code))
            .union([StageFailed.agentDied])
        #expect(Set(table.keys).subtracting(given).isEmpty)
    }

    /// The scopes and codes that stand as text in the stages' source.
    private static func written() throws -> [(scope: String, code: String)] {
        let root = "\(Checkout.root)/Sources/Stages"
        let pattern =
            #/(?:StageFailure|StageFailure.init|StageFailure\()\(?\s*\.(passing|item|source|stage),\s*"([a-z0-9-]+)"/#
        let scopes = ["passing": "again", "item": "object", "source": "source", "stage": "stage"]
        var found: [(String, String)] = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: root) where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
            for match in text.matches(of: pattern) {
                found.append((scopes[String(match.1)] ?? "", String(match.2)))
            }
        }
        #expect(found.count > 15, "the pattern finds nothing any more")
        return found
    }
}
