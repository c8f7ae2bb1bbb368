import Foundation

/// What exiftool, the reference reader of metadata, says about a file.
package struct ExifTool {
    private let fields: [String: Any]

    package static func read(_ path: String) async throws -> ExifTool {
        let tool = try Tool("exiftool", install: "install the Debian package libimage-exiftool-perl")
        let outcome = try await tool.check(["-j", "-n", "-G", path])
        let list = try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [[String: Any]]
        guard let first = list?.first else { throw ToolError("exiftool says nothing about \(path)") }
        return ExifTool(fields: first)
    }

    package func text(_ key: String) -> String? {
        guard let value = fields[key] else { return nil }
        let text = "\(value)"
        return text.isEmpty ? nil : text
    }

    /// The number of a field; exiftool writes numbers with a sign as text, and unknown ones as "undef" or nothing.
    package func number(_ key: String) -> Double? {
        if let number = fields[key] as? NSNumber { return number.doubleValue }
        return (fields[key] as? String).flatMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    }
}
