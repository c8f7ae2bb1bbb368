package import Events
import Foundation

/// The proof that an event is in the log, as one file (C2SP tlog-proof).
///
/// The `extra` line holds what the leaf is made of, as JSON with `leaf`, `salt` and `payload`, so that the file says all that
/// the event does. Nothing there is trusted before it gives the leaf whose way to a signed root the rest proves.
package struct LogProof: Sendable, Equatable {
    /// What a leaf is made of.
    package struct Record: Sendable, Equatable {
        /// The canonical JSON whose hash is the leaf: the envelope, and the payload by its salted digest.
        package let leaf: String
        package let salt: [UInt8]
        /// The event's payload.
        package let payload: String
    }

    package let record: Record
    package let inclusion: InclusionProof
    package let checkpoint: Checkpoint

    package init(record: Record, inclusion: InclusionProof, checkpoint: Checkpoint) {
        self.record = record
        self.inclusion = inclusion
        self.checkpoint = checkpoint
    }

    private static let header = "c2sp.org/tlog-proof@v1"

    /// Reads a proof; nothing is verified.
    ///
    /// - Throws: `bad-proof`, `bad-note`.
    package init(parsing text: String) throws(EventLogError) {
        guard let gap = text.range(of: "\n\n", options: .literal) else { throw Self.malformed("it has no checkpoint") }
        var lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst() == Self.header[...] else {
            throw Self.malformed("it does not begin with \(Self.header)")
        }
        guard let extra = Self.value("extra", &lines).flatMap(base64), let record = Record(json: extra) else {
            throw Self.malformed("its extra line does not say what was logged")
        }
        guard let number = Self.value("index", &lines), let index = Int(number), index >= 0, String(index) == number
        else { throw Self.malformed("it does not say the index") }
        var path: [Digest] = []
        for line in lines {
            guard let hash = base64(line).flatMap(Digest.init(bytes:)) else {
                throw Self.malformed("'\(line)' is no hash in base64")
            }
            path.append(hash)
        }
        self.record = record
        checkpoint = try Checkpoint(parsing: String(text[gap.upperBound...]))
        inclusion = InclusionProof(index: index, size: checkpoint.head.size, path: path)
    }

    /// The proof as it stands in a file.
    package var text: String {
        let lines =
            [Self.header, "extra \(Data(record.json.bytes).base64EncodedString())", "index \(inclusion.index)"]
            + inclusion.path.map { Data($0.bytes).base64EncodedString() }
        return lines.joined(separator: "\n") + "\n\n" + checkpoint.text
    }
}

extension LogProof {
    /// Checks that the event is in the log of one of the keys.
    ///
    /// - Returns: the envelope of the event, as the leaf has it.
    /// - Throws: `bad-proof`, with what does not fit.
    @discardableResult
    package func verify(by keys: [VerifierKey]) throws(EventLogError) -> JSONObject {
        guard checkpoint.isSigned(by: keys) else {
            throw Self.refused(
                "its checkpoint is not signed by \(keys.map(\.description).joined(separator: ", nor by "))"
            )
        }
        guard inclusion.root(of: record.hash) == checkpoint.head.root else {
            throw Self.refused("the path from the event does not lead to the checkpoint's root")
        }
        guard let envelope = try? JSONObject(Array(record.leaf.utf8)), let position = try? envelope.int("position"),
            let digest = try? envelope.digest("payload_digest")
        else { throw Self.refused("its leaf is no event's") }
        guard position == inclusion.index + 1 else {
            throw Self.refused("the event at index \(inclusion.index) says that its position is \(position)")
        }
        guard Digest(ofPieces: record.salt, Array(record.payload.utf8)) == digest else {
            throw Self.refused("the payload is not the one that was logged")
        }
        return envelope
    }

    private static func refused(_ why: String) -> EventLogError { EventLogError(.badProof, "the proof fails: \(why)") }

    private static func malformed(_ why: String) -> EventLogError {
        EventLogError(.badProof, "the file is no proof of an event: \(why)")
    }

    /// The value of the next line, when it begins with `name`.
    private static func value(_ name: String, _ lines: inout ArraySlice<Substring>) -> Substring? {
        guard let line = lines.first, line.hasPrefix(name + " ") else { return nil }
        lines.removeFirst()
        return line.dropFirst(name.count + 1)
    }
}

extension LogProof.Record {
    init(_ row: SaltedEvent) {
        leaf = MerkleLeaf.text(of: row.event, salt: row.salt)
        salt = row.salt
        payload = String(decoding: row.event.payload, as: UTF8.self)
    }

    init?(json text: [UInt8]) {
        guard let json = try? JSONObject(text), let leaf = try? json.string("leaf"),
            let salt = (try? json.string("salt")).flatMap({ bytes(hex: $0) }), let payload = try? json.string("payload")
        else { return nil }
        self.leaf = leaf
        self.salt = salt
        self.payload = payload
    }

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("leaf", leaf)
            $0.set("salt", hex(salt))
            $0.set("payload", payload)
        }
    }

    /// The leaf hash.
    var hash: Digest { Digest(ofPieces: [0], Array(leaf.utf8)) }
}
