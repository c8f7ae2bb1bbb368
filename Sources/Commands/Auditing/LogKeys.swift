import EventLog
import Files
import Lineage
import Logging
import Stages

/// The key of a store's log, and the file of the dataset that has its public half.
struct LogKeys {
    private let paths: StorePaths

    init(_ paths: StorePaths) {
        self.paths = paths
    }

    private var publicFile: String { "\(paths.dataset)/\(Audit.keysFile)" }

    /// The signing key; a new one where there is none, whose public half is told.
    ///
    /// - Parameter mode: `ingest`, whose report tells it, or `run`.
    func load(_ logger: Logger, mode: String) throws -> SigningKey {
        let (key, isNew) = try SigningKey.load(paths.signingKey)
        if isNew, mode == "run" {
            logger.notice(
                "Made the key that signs the log's checkpoints: keep its public half where nobody who writes this store can change it.",
                metadata: ["public_key": "\(key.publicKey)"]
            )
        }
        return key
    }

    /// The keys of the public file; none where there is no file.
    ///
    /// What a person has broken there stops no agent: the audit tells of it.
    func published() throws -> [VerifierKey] {
        guard try fileInfo(publicFile) != nil else { return [] }
        return VerifierKey.readable(in: String(decoding: try readFile(publicFile), as: UTF8.self))
    }

    /// The text of the public file with this key in it: those before it stay, since their signatures do.
    func published(with key: SigningKey) throws -> String {
        var text = "# Public keys of the log's checkpoints (C2SP signed-note), newest last.\n"
        if try fileInfo(publicFile) != nil { text = String(decoding: try readFile(publicFile), as: UTF8.self) }
        if !text.isEmpty, text.last?.isNewline != true { text += "\n" }
        let line = key.publicKey.description
        return text.split(whereSeparator: \.isNewline).contains { $0 == line } ? text : text + line + "\n"
    }
}
