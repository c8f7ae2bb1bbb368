import ArgumentParser
import EventLog
import Events
import Files
import Lineage
import Projections
import Stages

struct AuditCheckpointCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Print a signed checkpoint of the log: its name, size and Merkle root (C2SP tlog-checkpoint).",
        discussion: """
            It is one of the log as it is now where the store's key is at hand, else the newest that was made. Keep it \
            elsewhere: no log that lacks one of these events, or has another in its place, has this root. \
            Exit codes: 0, or 1 when there is none.
            """
    )

    @OptionGroup
    var options: StoreOptions

    func execute() async throws {
        let paths = try await options.paths()
        let log = try EventLog.openForReading(path: paths.log)
        let checkpoint = try await Self.current(log, key: try SigningKey.existing(paths.signingKey))
        guard options.json else { return Terminal.printText(checkpoint.text) }
        let json = CanonicalJSON {
            $0.set("origin", checkpoint.origin)
            $0.set("size", checkpoint.head.size)
            $0.set("root", checkpoint.head.root)
            $0.set("note", checkpoint.text)
        }
        Terminal.print(json.text)
    }

    static func current(_ log: EventLog, key: SigningKey?) async throws -> Checkpoint {
        let head = try await log.storedHead()
        if let key, head.size > 0 { return try Checkpoint(head, by: key) }
        guard let newest = try await log.newestCheckpoint() else {
            throw EventLogError(
                .noCheckpoint,
                "the log has no checkpoint yet, and there is no key to sign one: run an agent on the store once"
            )
        }
        return newest
    }
}

struct AuditKeyCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Print the public key of the log's checkpoints.",
        discussion: "Keep it where nobody who writes the store can change it. Exit codes: 0, or 1 when there is none."
    )

    @OptionGroup
    var options: StoreOptions

    func execute() async throws {
        let paths = try await options.paths()
        guard let key = try SigningKey.existing(paths.signingKey)?.publicKey else {
            throw EventLogError(
                .noCheckpoint,
                "\(paths.signingKey) does not exist: run an agent on the store once, or see \(Audit.keysFile) in the dataset"
            )
        }
        let json = CanonicalJSON { $0.set("public_key", key.description) }
        Terminal.print(options.json ? json.text : key.description)
    }
}

struct AuditProveCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Write the proof that an event is in the log, for who has neither the log nor this program.",
        discussion: """
            The proof is a C2SP tlog-proof: the event, its way to a Merkle root, and the checkpoint that signs that. Check \
            it with `swathlog audit verify-proof` or tools/verify-proof. Exit codes: 0, or 1 when nothing has this id.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Option(name: .shortAndLong, help: "File to write; standard output when none is given.")
    var output: String?

    @Argument(help: "A position, a tile's path, or what else `lineage` knows.")
    var id: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let position = try await position(in: store)
        let checkpoint: Checkpoint
        if let first = try await store.log.firstCheckpoint(covering: position) {
            checkpoint = first
        } else {
            let key = try SigningKey.existing(store.paths.signingKey)
            checkpoint = try await AuditCheckpointCommand.current(store.log, key: key)
        }
        let proof = try await store.log.proof(ofEventAt: position, in: checkpoint)
        if let output {
            try writeAtomically(Array(proof.text.utf8), to: absolute(output))
        } else {
            Terminal.printText(proof.text)
        }
    }

    private func position(in store: StoreReader) async throws -> Int {
        if let position = Int(id.hasPrefix("#") ? String(id.dropFirst()) : id) {
            guard try await store.log.event(at: position) != nil else {
                throw LineageError(.notFound, "the log has no event at position \(position)")
            }
            return position
        }
        let answer = try await Lineage(log: store.log, database: store.views.database).answer(id)
        let kind =
            switch answer.subject {
            case .object: "observed"
            case .derivation: "derived"
            case .tile: "tile"
            case .commit: "commit"
            case .notification: "notification"
            }
        guard let position = answer.steps.last(where: { $0.kind == kind })?.position else {
            throw LineageError(.notFound, "nothing is recorded of '\(id)' yet that could be proved")
        }
        return position
    }
}

struct AuditVerifyProofCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-proof",
        abstract: "Check a proof that an event is in the log. Needs no store.",
        discussion: "Exit codes: 0 when it holds, 1 when it does not, 78 when the key is none."
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "The proof.")
    var file: String

    @Option(help: "The log's public key, or a file of keys.")
    var key: String

    @Option(help: "A tile's file, which must be the one that the event tells of.")
    var tile: String?

    func execute() async throws {
        let keys = try PublicKeys.read(key)
        let proof = try LogProof(parsing: String(decoding: try readFile(file), as: UTF8.self))
        let envelope = try proof.verify(by: keys)
        if let tile { try check(tile, proof) }
        let head = proof.checkpoint.head
        guard !options.json else {
            let json = CanonicalJSON {
                $0.set("valid", true)
                $0.set("origin", proof.checkpoint.origin)
                $0.set("size", head.size)
                $0.set("root", head.root)
                $0.set("envelope", canonical: Array(proof.record.leaf.utf8))
                $0.set("payload", canonical: Array(proof.record.payload.utf8))
            }
            return Terminal.print(json.text)
        }
        var table = Table()
        table.add("log", proof.checkpoint.origin.visible)
        table.add("checkpoint", "\(head.size) events, root \(head.root)")
        for name in ["position", "recorded_at", "actor", "stream", "revision", "type", "event_id"] {
            guard let value = envelope.raw(name) else { continue }
            table.add(name, name == "recorded_at" ? time(envelope) : String(decoding: value, as: UTF8.self).visible)
        }
        table.add("payload", proof.record.payload.visible)
        Terminal.print("\(Terminal.green("The proof holds."))\n\(table.text)")
    }

    private func time(_ envelope: JSONObject) -> String {
        (try? envelope.timestamp("recorded_at"))?.description ?? ""
    }

    private func check(_ tile: String, _ proof: LogProof) throws {
        guard let recorded = try JSONObject(Array(proof.record.payload.utf8)).optionalString("sha256") else {
            throw EventLogError(.badProof, "the proof is of an event that tells of no file")
        }
        let actual = try sha256(ofFile: tile)
        guard actual == recorded else {
            throw EventLogError(
                .badProof,
                "\(tile) is not the file that was logged: its SHA-256 is \(actual), not \(recorded)"
            )
        }
    }
}
