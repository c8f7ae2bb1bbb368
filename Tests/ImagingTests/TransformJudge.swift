import Foundation
import Imaging
import TestSupport

/// Tiles before and after a transform, for a Python program that knows how to do the same.
final class TransformJudge {
    struct Verdict: Decodable {
        /// The greatest difference, in levels.
        let max: Double
        let mean: Double
        let why: String?
    }

    private let scratch: Scratch
    private var cases: [[String: Any]] = []

    init() throws {
        scratch = try Scratch("judge")
    }

    func add(_ facts: [String: Any], from input: PixelTile, to output: PixelTile) throws {
        var entry = facts
        entry["input"] = try save(input, as: "\(cases.count)-in")
        entry["output"] = try save(output, as: "\(cases.count)-out")
        cases.append(entry)
    }

    /// What the program says of each case, in their order.
    func verdicts<Answer: Decodable>(of program: String, as: Answer.Type = Answer.self) async throws -> [Answer] {
        let path = scratch.file("cases.json")
        try JSONSerialization.data(withJSONObject: cases).write(to: URL(fileURLWithPath: path))
        return try await Self.ask(program, [path])
    }

    /// Runs a program of the tests' Python folder and reads the JSON that it prints.
    static func ask<Answer: Decodable>(_ program: String, _ arguments: [String]) async throws -> Answer {
        var python = try Tool(Checkout.peer("python"))
        python.environment["PYTHONDONTWRITEBYTECODE"] = "1"
        let script = "\(Checkout.root)/Tests/ImagingTests/Python/\(program).py"
        let outcome = try await python.check([script] + arguments)
        return try JSONDecoder().decode(Answer.self, from: Data(outcome.output))
    }

    private func save(_ tile: PixelTile, as name: String) throws -> [String: Any] {
        try Data(tile.bytes).write(to: URL(fileURLWithPath: scratch.file(name)))
        return [
            "file": name, "width": tile.width, "height": tile.height, "channels": tile.channels,
            "sample": tile.sample.rawValue,
        ]
    }
}
