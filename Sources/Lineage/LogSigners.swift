import EventLog

/// The keys of one log, which tell its dataset versions from those that other logs have made of the same dataset.
///
/// A key's name follows from the key, and the signature in a commit's trailer bears it. The log's keys are those that
/// have signed its checkpoints, and the versions that its events tell of. A commit without a signature that can be read
/// says nothing of whose it is, and counts as the log's: no commit is rid of by harming it. Where no key is known, all do.
struct LogSigners {
    private let names: Set<String>

    /// - Parameters:
    ///   - keys: the public keys that are known, those of other logs among them; with other keys the log has nothing to do.
    ///   - own: keys that are known to be the log's.
    ///   - versions: git's.
    ///   - known: the ids of those that the log tells of.
    init(
        checkpoints: [(size: Int, text: String)],
        keys: [VerifierKey],
        own: [VerifierKey],
        versions: [GitVersion],
        known: Set<String>
    ) {
        var names = Set(versions.filter { $0.id.map(known.contains) ?? false }.compactMap(\.signer))
        names.formUnion(own.map(\.name))
        for (_, text) in checkpoints where !names.contains(String(text.prefix { $0 != "\n" })) {
            guard let checkpoint = try? Checkpoint(parsing: text), checkpoint.isSigned(by: keys) else { continue }
            names.insert(checkpoint.origin)
        }
        self.names = names
    }

    /// Whether a version is of another log.
    func isOfOther(_ version: GitVersion) -> Bool {
        guard let signer = version.signer, !names.isEmpty else { return false }
        return !names.contains(signer)
    }
}
