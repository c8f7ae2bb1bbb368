/// The beginning of what a receiver answered, fit to be kept: text, without secrets.
package enum AnswerExcerpt {
    /// - Parameters:
    ///   - bytes: at most what was read.
    ///   - secrets: texts that are masked wherever they stand, by their longest runs; beside what looks like a token.
    /// - Returns: nil for an empty answer.
    package static func text(of bytes: [UInt8], isCut: Bool, hiding secrets: [String]) -> String? {
        guard !bytes.isEmpty else { return nil }
        var text = String(decoding: bytes, as: UTF8.self)
        text = String(
            text.map { $0.isNewline || $0 == "\t" || !$0.unicodeScalars.contains { $0.value < 0x20 } ? $0 : "\u{FFFD}" }
        )
        for secret in secrets.flatMap(parts) { text = text.replacing(secret, with: mask) }
        text = text.replacing(/(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+\/=-]{6,}/) { "\($0.1) \(mask)" }
        // What stands before the word is left as it is: who looked for it would go through a long run from each of its places.
        text = text.replacing(
            /(?i)((?:token|secret|passw(?:or)?d|api[_-]?key|signature)["']?\s*[:=]\s*["']?)[^\s"'&,;}<]{3,}/
        ) { "\($0.1)\(mask)" }
        text = text.replacing(
            /\b(?:whsec_|whsk_|eyJ|ghp_|github_pat_|glpat-|sk_live_|xox[abp]-|AKIA)[A-Za-z0-9._\/+=-]{8,}/
        ) { _ in mask }
        return isCut ? text + " […]" : text
    }

    private static let mask = "<redacted>"

    /// A secret as it stands, and without the prefix that says its kind.
    private static func parts(of secret: String) -> [String] {
        let bare = ["whsec_", "whsk_", "Bearer ", "Basic "].first(where: secret.hasPrefix).map {
            String(secret.dropFirst($0.count))
        }
        return [secret, bare].compactMap(\.self).filter { $0.count >= 4 }
    }
}
