import Crypto
import Events
import Files
import Foundation

/// A public key that notes are verified by (C2SP signed-note, Ed25519).
package struct VerifierKey: Sendable, Equatable, CustomStringConvertible {
    package let name: String
    /// 32 bytes.
    let publicKey: [UInt8]

    init(name: String, publicKey: [UInt8]) {
        self.name = name
        self.publicKey = publicKey
    }

    /// Reads a key's text: name, id and base64 of 0x01 and the key, with plus signs between.
    ///
    /// - Throws: `bad-key`.
    package init(parsing text: String) throws(EventLogError) {
        let (name, data) = try parts(of: text, "public key")
        self.init(name: name, publicKey: data)
        guard text.split(separator: "+", maxSplits: 2)[1] == hex(id) else {
            throw EventLogError(.badKey, "the public key '\(text)' is damaged: its id is not that of the key")
        }
    }

    /// The key's text, as it is handed on and kept.
    package var description: String { "\(name)+\(hex(id))+\(Data([Self.ed25519] + publicKey).base64EncodedString())" }

    /// Ed25519, as C2SP numbers algorithms.
    static let ed25519: UInt8 = 1

    /// What tells keys of one name apart: the beginning of the SHA-256 of the name, a line end, 0x01 and the key.
    package var id: [UInt8] {
        Array(Digest(ofPieces: Array("\(name)\n".utf8), [Self.ed25519], publicKey).bytes.prefix(4))
    }

    /// Whether a signature of the note is one by this key, and good.
    package func verifies(_ note: SignedNote) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return note.signatures.contains { signature in
            signature.name == name && signature.keyID == id
                && key.isValidSignature(Data(signature.bytes), for: Data(note.text.utf8))
        }
    }

    /// The keys of a file that has one a line.
    ///
    /// - Throws: `bad-key`.
    package static func list(_ text: String) throws(EventLogError) -> [VerifierKey] {
        var keys: [VerifierKey] = []
        for line in lines(text) { keys.append(try VerifierKey(parsing: line)) }
        return keys
    }

    /// The keys of such a file, without the lines that are none.
    package static func readable(in text: String) -> [VerifierKey] {
        lines(text).compactMap { try? VerifierKey(parsing: $0) }
    }

    private static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }
}

/// The private key that a log's checkpoints are signed with.
package struct SigningKey: Sendable {
    private let name: String
    private let key: Curve25519.Signing.PrivateKey

    /// Makes a new key; its name follows from it, so that no two logs share one.
    package init() {
        key = Curve25519.Signing.PrivateKey()
        name = "swathlog/" + hex(Digest(of: key.publicKey.rawRepresentation).bytes.prefix(8))
    }

    /// Reads a key's text: `PRIVATE+KEY+`, name, id, and base64 of 0x01 and the 32 bytes of the key, as Go's
    /// `golang.org/x/mod/sumdb/note` writes it.
    ///
    /// - Throws: `bad-key`.
    package init(parsing text: String) throws(EventLogError) {
        let prefix = "PRIVATE+KEY+"
        guard text.hasPrefix(prefix) else { throw EventLogError(.badKey, "it is no private key of a signed note") }
        let rest = String(text.dropFirst(prefix.count))
        let (name, data) = try parts(of: rest, "private key", isSecret: true)
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: data) else {
            throw EventLogError(.badKey, "the private key of '\(name)' is damaged")
        }
        self.name = name
        self.key = key
        guard rest.split(separator: "+", maxSplits: 2)[1] == hex(publicKey.id) else {
            throw EventLogError(.badKey, "the private key of '\(name)' is damaged: its id is not that of the key")
        }
    }

    /// The key at `path`; it is made where there is none, for its owner alone to read.
    ///
    /// - Returns: the key, and whether it is new.
    /// - Throws: `bad-key`, `FileError`.
    package static func load(_ path: String) throws -> (key: SigningKey, isNew: Bool) {
        if let key = try existing(path) { return (key, false) }
        let key = SigningKey()
        try createDirectories(parent(of: path))
        try writeAtomically(Array((key.text + "\n").utf8), to: path, mode: 0o600)
        return (key, true)
    }

    /// The key at `path`; nil where there is none.
    ///
    /// - Throws: `bad-key`, `FileError`.
    package static func existing(_ path: String) throws -> SigningKey? {
        guard try fileInfo(path) != nil else { return nil }
        let text = String(decoding: try readFile(path), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        do {
            return try SigningKey(parsing: text)
        } catch {
            throw EventLogError(
                .badKey,
                "\(path): \(error.message); bring it back from where a copy is kept, or move it away: then a new key is made"
            )
        }
    }

    package var publicKey: VerifierKey { VerifierKey(name: name, publicKey: Array(key.publicKey.rawRepresentation)) }

    private var text: String {
        let data = Data([VerifierKey.ed25519] + key.rawRepresentation)
        return "PRIVATE+KEY+\(name)+\(hex(publicKey.id))+\(data.base64EncodedString())"
    }

    /// Signs a text that ends with a line end.
    package func sign(_ text: String) throws(EventLogError) -> SignedNote {
        guard let bytes = try? key.signature(for: Data(text.utf8)) else {
            throw EventLogError(.badKey, "the key '\(name)' signs nothing")
        }
        let signature = SignedNote.Signature(name: name, keyID: publicKey.id, bytes: Array(bytes))
        return SignedNote(text: text, signatures: [signature])
    }
}

/// The name and the 32 bytes of a key's text.
private func parts(of text: String, _ what: String, isSecret: Bool = false) throws(EventLogError) -> (String, [UInt8]) {
    let parts = text.split(separator: "+", maxSplits: 2).map(String.init)
    guard parts.count == 3, SignedNote.isName(parts[0]), let data = base64(parts[2]), data.count == 33,
        data[0] == VerifierKey.ed25519
    else {
        let shown = isSecret ? "" : " '\(text)'"
        throw EventLogError(.badKey, "the \(what)\(shown) is none: it has the form NAME+ID+BASE64 and is for Ed25519")
    }
    return (parts[0], Array(data.dropFirst()))
}
