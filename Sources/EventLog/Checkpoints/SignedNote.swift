import Foundation

/// A text and signatures of it, as one text file (C2SP signed-note).
///
/// The text, an empty line, and a line for each signature: an em dash, the key's name, and base64 of the key's id and the
/// signature.
package struct SignedNote: Sendable, Equatable {
    package struct Signature: Sendable, Equatable {
        /// The key's name.
        package let name: String
        /// The first four bytes of a hash of the key, which tell keys of one name apart.
        package let keyID: [UInt8]
        /// For Ed25519 64 bytes.
        package let bytes: [UInt8]

        package init(name: String, keyID: [UInt8], bytes: [UInt8]) {
            self.name = name
            self.keyID = keyID
            self.bytes = bytes
        }

        /// The signature's line without the dash: the key's name and base64.
        package var text: String { "\(name) \(Data(keyID + bytes).base64EncodedString())" }

        /// Reads what `text` gives; nil for anything else.
        package init?(_ text: some StringProtocol) {
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, SignedNote.isName(String(parts[0])), let data = base64(parts[1]), data.count > 4
            else { return nil }
            name = String(parts[0])
            keyID = Array(data.prefix(4))
            bytes = Array(data.dropFirst(4))
        }
    }

    /// What is signed; it ends with a line end.
    package let text: String
    package let signatures: [Signature]

    package init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Notes that are larger are refused.
    private static let largest = 1 << 20
    private static let dash = "\u{2014} "

    /// Reads a note.
    ///
    /// - Throws: `bad-note`.
    package init(parsing note: String) throws(EventLogError) {
        guard note.utf8.count <= Self.largest, let gap = note.range(of: "\n\n", options: [.backwards, .literal]) else {
            throw EventLogError(.badNote, "it is no signed note: there is no empty line between text and signatures")
        }
        let lines = note[gap.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, lines.last?.isEmpty == true,
            !note.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" })
        else { throw EventLogError(.badNote, "it is no signed note: it has control characters, or its end is missing") }
        var signatures: [Signature] = []
        for line in lines.dropLast() {
            guard line.hasPrefix(Self.dash), let signature = Signature(line.dropFirst(Self.dash.count)) else {
                throw EventLogError(.badNote, "it is no signed note: '\(line)' is no signature line")
            }
            signatures.append(signature)
        }
        self.init(text: note[..<gap.lowerBound] + "\n", signatures: signatures)
    }

    /// The note as it stands in a file.
    package var description: String {
        text + "\n" + signatures.map { Self.dash + $0.text + "\n" }.joined()
    }

    /// Whether a key may be called so: not empty, no white space, no plus sign.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.unicodeScalars.contains { $0.properties.isWhitespace || $0 == "+" || $0.value < 0x20 }
    }
}

/// Decodes standard base64 (RFC 4648, section 4) that is written as an encoder writes it; nil for anything else.
func base64(_ text: some StringProtocol) -> [UInt8]? {
    guard let data = Data(base64Encoded: String(text)), data.base64EncodedString() == text else { return nil }
    return Array(data)
}
