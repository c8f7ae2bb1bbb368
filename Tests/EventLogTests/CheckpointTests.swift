import EventLog
import Events
import Foundation
import Testing

@Suite("Signed checkpoints")
struct CheckpointTests {
    /// The keys and the note of the documentation of Go's `golang.org/x/mod/sumdb/note`.
    private static let publicKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let privateKey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    private static let text = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        """
    private static let signature = """
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """

    @Test("the note and the keys of another implementation's documentation are read, verified and made")
    func knownNote() throws {
        let key = try VerifierKey(parsing: Self.publicKey)
        #expect(key.description == Self.publicKey)
        let note = try SignedNote(parsing: Self.text + "\n" + Self.signature)
        #expect(note.text == Self.text)
        #expect(key.verifies(note))
        #expect(note.description == Self.text + "\n" + Self.signature)
        let signer = try SigningKey(parsing: Self.privateKey)
        #expect(signer.publicKey == key)
        // Ed25519 signs the same text in the same way (RFC 8032), whoever does it, but where a signer hedges.
        #expect(key.verifies(try signer.sign(Self.text)))
    }

    @Test("a note whose text, name or signature is another is not verified")
    func forgedNotes() throws {
        let key = try VerifierKey(parsing: Self.publicKey)
        let note = try SignedNote(parsing: Self.text + "\n" + Self.signature)
        #expect(!key.verifies(SignedNote(text: Self.text + "!\n", signatures: note.signatures)))
        for index in 0..<64 {
            var bytes = note.signatures[0].bytes
            bytes[index] ^= 1
            let forged = SignedNote.Signature(name: "PeterNeumann", keyID: note.signatures[0].keyID, bytes: bytes)
            #expect(!key.verifies(SignedNote(text: Self.text, signatures: [forged])))
        }
        #expect(!SigningKey().publicKey.verifies(note))
    }

    @Test(
        "what is no note is refused with a reason",
        arguments: [
            "", "text", "text\n", "text\n\n", "text\n\n— name\n", "text\n\n— name AAAA\n", "text\n\n- name AAAAAAAA\n",
            "text\n\n— na me AAAAAAAA\n", "text\n\n— name AAAAAAAA", "te\u{0}xt\n\n— name AAAAAAAA\n",
            "text\n\n— name AAAAAAAB=\n",
        ]
    )
    func malformedNotes(text: String) {
        let error = #expect(throws: EventLogError.self) { try SignedNote(parsing: text) }
        #expect(error?.code == .badNote)
    }

    @Test(
        "what is no key is refused, and a private one is never shown",
        arguments: [
            "", "name", "name+c74f20a3", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ApSLRhc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "a b+c74f20a3+AQ==",
        ]
    )
    func malformedKeys(text: String) {
        #expect(throws: EventLogError.self) { try VerifierKey(parsing: text) }
        let error = #expect(throws: EventLogError.self) { try SigningKey(parsing: "PRIVATE+KEY+" + text) }
        #expect(error?.code == .badKey)
        #expect(text.isEmpty || error?.message.contains(text) == false || text == "name")
    }

    @Test("a key that is made is read again from its file, which is its owner's alone")
    func keyFile() throws {
        let store = try TestLog()
        let path = store.directory.appending(path: "keys/log.key").path
        let (made, isNew) = try SigningKey.load(path)
        #expect(isNew)
        let (read, isNewAgain) = try SigningKey.load(path)
        #expect(!isNewAgain && read.publicKey == made.publicKey)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(SigningKey().publicKey != made.publicKey)
        try "PRIVATE+KEY+half".write(toFile: path, atomically: false, encoding: .utf8)
        let error = #expect(throws: EventLogError.self) { try SigningKey.load(path) }
        #expect(error?.code == .badKey && error?.message.contains(path) == true)
    }

    @Test("a head is signed once, kept, and found by the events that it covers")
    func kept() async throws {
        let store = try TestLog()
        let key = SigningKey()
        let log = try EventLog.open(path: store.path, actor: "test", key: key)
        try await log.append((0..<5).map { event($0) })
        let first = try #require(try await log.signHead())
        #expect(try await log.signHead() == first)
        #expect(first.head == log.treeHead && first.isSigned(by: [key.publicKey]) && first.origin == key.publicKey.name)
        try await log.append([event(5)])
        let second = try #require(try await log.signHead())
        #expect(second.head.size == 6)
        #expect(try Checkpoint(parsing: second.text) == second)
        for position in 1...5 { #expect(try await log.firstCheckpoint(covering: position) == first) }
        #expect(try await log.firstCheckpoint(covering: 6) == second)
        #expect(try await log.firstCheckpoint(covering: 7) == nil)
        #expect(try await log.newestCheckpoint() == second)
        try log.close()
        let reader = try store.openForReading()
        #expect(try await reader.newestCheckpoint() == second)
        #expect(try await reader.storedHead() == second.head)
        #expect(try await reader.storedHead(size: 5) == first.head)
    }

    @Test("the database refuses to change, replace or remove a checkpoint")
    func immutable() async throws {
        let store = try TestLog()
        let log = try EventLog.open(path: store.path, actor: "test", key: SigningKey())
        try await log.append([event(0)])
        try await log.signHead()
        let script = """
            import sqlite3, sys
            log = sqlite3.connect(sys.argv[1], isolation_level=None)
            for change in ("UPDATE checkpoints SET note = ''", "DELETE FROM checkpoints",
                    "INSERT OR REPLACE INTO checkpoints VALUES (1, 0, '')"):
                try:
                    log.execute(change)
                    print("done", end=" ")
                except sqlite3.Error:
                    print("refused", end=" ")
            """
        #expect(try store.python(script) == "refused refused refused")
    }

    @Test("a log without a key signs nothing")
    func unsigned() async throws {
        let store = try TestLog()
        let log = try store.open()
        try await log.append([event(0)])
        #expect(try await log.signHead() == nil)
        #expect(try await log.newestCheckpoint() == nil)
    }
}
