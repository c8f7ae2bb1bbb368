import EventLog
import Files

/// Public keys as options give them: the text of one, or the path of a file with one a line.
enum PublicKeys {
    static func read(_ option: String) throws -> [VerifierKey] {
        guard try fileInfo(option) != nil else { return [try VerifierKey(parsing: option)] }
        let keys = try VerifierKey.list(String(decoding: try readFile(option), as: UTF8.self))
        guard !keys.isEmpty else { throw EventLogError(.badKey, "\(option) has no public key") }
        return keys
    }
}
