import Foundation
import Subprocess
import Testing

/// What exiftool, the reference reader of metadata, says about a file.
struct ExifTool {
    private let fields: [String: Any]

    static func read(_ path: String) async throws -> ExifTool {
        do {
            let result = try await Subprocess.run(
                .name("exiftool"),
                arguments: ["-j", "-n", "-G", path],
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16)
            )
            let data = Data(result.standardOutput.utf8)
            let list = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
            return ExifTool(fields: try #require(list.first))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            Issue.record("exiftool is missing: install the Debian package libimage-exiftool-perl")
            throw error
        }
    }

    func text(_ key: String) -> String? {
        guard let value = fields[key] else { return nil }
        let text = "\(value)"
        return text.isEmpty ? nil : text
    }

    /// The number of a field; exiftool writes numbers with a sign as text, and unknown ones as "undef" or nothing.
    func number(_ key: String) -> Double? {
        if let number = fields[key] as? NSNumber { return number.doubleValue }
        return (fields[key] as? String).flatMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    }
}
