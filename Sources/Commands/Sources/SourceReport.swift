import Files
import Foundation
import Stages

/// What an agent last said of one source.
struct SourceReport: Decodable {
    let state: String
    let reason: String?
    let message: String?
    let lastLook: String?
    let listed: Int
    let sweepsOnly: String?

    /// All sources by name; none where no agent has said anything yet.
    static func read(_ paths: StorePaths) -> (raw: [UInt8], sources: [(name: String, report: SourceReport)])? {
        guard let raw = try? readFile(paths.sources) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let found = try? decoder.decode([String: SourceReport].self, from: Data(raw)) else { return nil }
        return (raw, found.sorted { $0.key < $1.key }.map { (name: $0.key, report: $0.value) })
    }

    /// The state in one line.
    var text: String {
        var text = state
        if let message { text += ", \(reason.map { "\($0): " } ?? "")\(message)" }
        if let lastLook { text += "; last look \(lastLook)" }
        if listed > 0 { text += ", \(Quantities.plural(listed, "object", "objects")) in it" }
        if let sweepsOnly { text += "; looked at by sweeps only: \(sweepsOnly)" }
        return text
    }
}
