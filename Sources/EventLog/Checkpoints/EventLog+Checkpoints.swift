import Events
import Foundation
import GRDB

/// What a log signs its heads with.
struct CheckpointSigner: Sendable {
    let key: SigningKey
    let time: any TimeSource
}

extension EventLog {
    /// The public half of the key that checkpoints are signed with; nil in a log without one.
    package var publicKey: VerifierKey? { signer?.key.publicKey }

    /// Signs the head as it is now and keeps the checkpoint; nil in a log without a key.
    ///
    /// A head that the key has signed before keeps its first checkpoint.
    @discardableResult
    package func signHead() async throws -> Checkpoint? {
        guard let signer, let head = treeHead else { return nil }
        return try await LogSchema.translating(path) {
            let checkpoint = try Checkpoint(head, by: signer.key)
            return try await database.write { database in
                if let known = try CheckpointRow.read("size = ?", [head.size], in: database).first {
                    // Another key's, after that was lost, keeps its place; ours stands in git.
                    return known.origin == checkpoint.origin ? known : checkpoint
                }
                try database.execute(
                    sql: "INSERT INTO checkpoints (size, signed_at, note) VALUES (?, ?, ?)",
                    arguments: [head.size, signer.time.now().microseconds, checkpoint.text]
                )
                return checkpoint
            }
        }
    }

    /// The newest kept checkpoint; nil where there is none.
    package func newestCheckpoint() async throws -> Checkpoint? {
        try await checkpoint("size > 0 ORDER BY size DESC LIMIT 1", [])
    }

    /// The first kept checkpoint that covers an event; nil where none does.
    package func firstCheckpoint(covering position: Int) async throws -> Checkpoint? {
        try await checkpoint("size >= ? ORDER BY size LIMIT 1", [position])
    }

    /// The kept checkpoint of this very head; nil where there is none.
    package func checkpoint(of head: TreeHead) async throws -> Checkpoint? {
        let found = try await checkpoint("size = ?", [head.size])
        return found?.head.root == head.root ? found : nil
    }

    private func checkpoint(_ condition: String, _ arguments: StatementArguments) async throws -> Checkpoint? {
        try await LogSchema.translating(path) {
            try await database.read { try CheckpointRow.read(condition, arguments, in: $0).first }
        }
    }

    /// All kept checkpoints in order of size, as their texts.
    package func checkpointTexts() async throws -> [(size: Int, text: String)] {
        try await LogSchema.translating(path) {
            try await database.read { database in
                try Row.fetchAll(database, sql: "SELECT size, note FROM checkpoints ORDER BY size").map {
                    ($0[0], $0[1])
                }
            }
        }
    }

    /// The tree over the first `size` events, or over all, from what is stored.
    package func storedHead(size: Int? = nil) async throws -> TreeHead {
        try await LogSchema.translating(path) {
            try await database.read { database in
                let tree = try LogSchema.tree(size: size ?? LogSchema.head(database), in: database)
                return TreeHead(size: tree.size, root: tree.root)
            }
        }
    }

    /// Proves that an event is in the tree of a checkpoint.
    ///
    /// - Throws: `no-checkpoint` where it does not cover the event.
    package func proof(ofEventAt position: Int, in checkpoint: Checkpoint) async throws -> LogProof {
        let size = checkpoint.head.size
        guard (1...max(1, size)).contains(position) else {
            throw EventLogError(.noCheckpoint, "the checkpoint covers \(size) events, not position \(position)")
        }
        return try await LogSchema.translating(path) {
            try await database.read { database in
                guard let row = try SaltedEvent.read(database, at: position) else {
                    throw EventLogError(.damaged, "the log has no event at position \(position)")
                }
                let path = try InclusionProof.siblings(index: position - 1, size: size).map {
                    try LogSchema.root(of: $0, in: database)
                }
                return LogProof(
                    record: LogProof.Record(row),
                    inclusion: InclusionProof(index: position - 1, size: size, path: path),
                    checkpoint: checkpoint
                )
            }
        }
    }
}

/// Checkpoints as rows of the `checkpoints` table.
private enum CheckpointRow {
    static func read(
        _ condition: String,
        _ arguments: StatementArguments,
        in database: Database
    ) throws -> [Checkpoint] {
        try String.fetchAll(database, sql: "SELECT note FROM checkpoints WHERE \(condition)", arguments: arguments)
            .map { try Checkpoint(parsing: $0) }
    }
}
