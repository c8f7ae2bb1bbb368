import Events
import Foundation

/// A head of the log that its key has signed (C2SP tlog-checkpoint).
package struct Checkpoint: Sendable, Equatable {
    /// The log's name, which is that of the key.
    package let origin: String
    package let head: TreeHead
    package let note: SignedNote

    /// Signs a head.
    package init(_ head: TreeHead, by key: SigningKey) throws(EventLogError) {
        origin = key.publicKey.name
        self.head = head
        note = try key.sign(Self.text(origin, head))
    }

    /// Reads a checkpoint; whether its signature is good is not looked at.
    ///
    /// - Throws: `bad-note`.
    package init(parsing text: String) throws(EventLogError) {
        let note = try SignedNote(parsing: text)
        let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, !lines[0].isEmpty, let size = Int(lines[1]), size >= 0, String(size) == lines[1],
            let root = base64(lines[2]).flatMap(Digest.init(bytes:))
        else { throw EventLogError(.badNote, "it is no checkpoint: it has to say origin, size and root") }
        origin = String(lines[0])
        head = TreeHead(size: size, root: root)
        self.note = note
    }

    /// Puts together a checkpoint from a head and the line of its signature.
    package init?(_ head: TreeHead, signature line: String) {
        guard let signature = SignedNote.Signature(line) else { return nil }
        origin = signature.name
        self.head = head
        note = SignedNote(text: Self.text(origin, head), signatures: [signature])
    }

    /// Whether one of the keys has signed it.
    package func isSigned(by keys: [VerifierKey]) -> Bool {
        keys.contains { $0.name == origin && $0.verifies(note) }
    }

    /// The note as it stands in a file.
    package var text: String { note.description }

    private static func text(_ origin: String, _ head: TreeHead) -> String {
        "\(origin)\n\(head.size)\n\(Data(head.root.bytes).base64EncodedString())\n"
    }
}
