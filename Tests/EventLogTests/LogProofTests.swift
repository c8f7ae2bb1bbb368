import EventLog
import Events
import Foundation
import Testing

@Suite("Proofs that an event is in the log", .timeLimit(.minutes(5)))
struct LogProofTests {
    @Test("paths are those of the test data of RFC 6962's authors")
    func knownPaths() throws {
        let leaves = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        ].map { Digest(of: [0] + (bytes(hex: $0) ?? [])) }
        let paths: [(index: Int, size: Int, path: [String])] = [
            (0, 1, []),
            (
                0, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                5, 8,
                [
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        ]
        for (index, size, path) in paths {
            var tree = MerkleTree()
            for leaf in leaves.prefix(size) { tree.append(leaf) }
            let digests = path.compactMap { Digest(hex: $0) }
            let proof = InclusionProof(index: index, size: size, path: digests)
            #expect(proof.root(of: leaves[index]) == tree.root)
            // Any other leaf, place or path gives another root, or none.
            #expect(proof.root(of: leaves[(index + 1) % 8]) != tree.root)
            if size > 1 {
                #expect(
                    InclusionProof(index: (index + 1) % size, size: size, path: digests).root(of: leaves[index])
                        != tree.root
                )
                #expect(
                    InclusionProof(index: index, size: size, path: digests.dropLast()).root(of: leaves[index]) == nil
                )
            }
            #expect(
                InclusionProof(index: index, size: size, path: digests + [tree.root]).root(of: leaves[index]) == nil
            )
            #expect(InclusionProof(index: size, size: size, path: digests).root(of: leaves[index]) == nil)
        }
    }

    /// A log of so many events with a checkpoint over all of them.
    private func signedLog(_ count: Int, _ key: SigningKey) async throws -> (TestLog, EventLog, Checkpoint) {
        let store = try TestLog()
        let log = try EventLog.open(path: store.path, actor: "test", key: key)
        try await log.append((0..<count).map { event($0, correlation: 1) })
        return (store, log, try #require(try await log.signHead()))
    }

    @Test(
        "every event of trees of many sizes is proved, and by no other event's path",
        arguments: [1, 2, 3, 7, 64, 300, 777]
    )
    func everyEvent(size: Int) async throws {
        let key = SigningKey()
        let (_, log, checkpoint) = try await signedLog(size, key)
        try await log.append([event(0)])
        for position in stride(from: 1, through: size, by: max(1, size / 40)) {
            let proof = try await log.proof(ofEventAt: position, in: checkpoint)
            #expect(try LogProof(parsing: proof.text) == proof)
            let envelope = try proof.verify(by: [SigningKey().publicKey, key.publicKey])
            #expect(try envelope.int("position") == position)
            #expect(proof.record.payload == "{\"number\":\(position - 1)}")
        }
        for position in [0, size + 1, size + 2, -1] {
            let error = await #expect(throws: EventLogError.self) {
                try await log.proof(ofEventAt: position, in: checkpoint)
            }
            #expect(error?.code == .noCheckpoint)
        }
    }

    @Test("a proof of which any byte was changed is refused")
    func anyByte() async throws {
        let key = SigningKey()
        let (_, log, checkpoint) = try await signedLog(37, key)
        let text = try await log.proof(ofEventAt: 21, in: checkpoint).text
        let original = try LogProof(parsing: text)
        for index in text.utf8.indices {
            var bytes = Array(text.utf8)
            bytes[text.utf8.distance(from: text.utf8.startIndex, to: index)] ^= 1
            // JSON has more than one spelling of a record; what it says must not differ.
            guard let changed = String(validating: bytes, as: UTF8.self), let proof = try? LogProof(parsing: changed),
                proof != original, (try? proof.verify(by: [key.publicKey])) != nil
            else { continue }
            #expect(proof.record == original.record, "byte \(index) of the proof was changed, and it holds: \(changed)")
        }
    }

    @Test("another record, another key or another checkpoint is refused, with the reason")
    func forged() async throws {
        let key = SigningKey()
        let (_, log, checkpoint) = try await signedLog(9, key)
        let proof = try await log.proof(ofEventAt: 4, in: checkpoint)
        let other = try await log.proof(ofEventAt: 5, in: checkpoint)
        let thief = SigningKey()
        let cases: [(LogProof, [VerifierKey], String)] = [
            (proof, [thief.publicKey], "is not signed by"),
            (proof, [], "is not signed by"),
            (
                LogProof(record: other.record, inclusion: proof.inclusion, checkpoint: checkpoint), [key.publicKey],
                "does not lead to"
            ),
            (
                LogProof(
                    record: proof.record,
                    inclusion: proof.inclusion,
                    checkpoint: try Checkpoint(TreeHead(size: 9, root: Digest(of: [])), by: key)
                ), [key.publicKey], "does not lead to"
            ),
        ]
        for (proof, keys, reason) in cases {
            let error = #expect(throws: EventLogError.self) { try proof.verify(by: keys) }
            #expect(error?.code == .badProof && error?.message.contains(reason) == true)
        }
    }

    @Test(
        "what is no proof is refused",
        arguments: ["", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\nindex 0\n\n", "hello\n\nworld"]
    )
    func malformed(text: String) {
        let error = #expect(throws: EventLogError.self) { try LogProof(parsing: text) }
        #expect(error?.code == .badProof || error?.code == .badNote)
    }
}
