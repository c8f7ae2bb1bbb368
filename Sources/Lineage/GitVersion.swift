import DVC
import EventLog
import Stages

/// A commit of the dataset's history that says of itself that an agent made it.
struct GitVersion: Sendable {
    static let idKey = "Swathlog-Commit"
    static let recipeKey = "Swathlog-Recipe"
    static let positionsKey = "Swathlog-Positions"

    /// The commit's hash.
    let commit: String
    private let trailers: [String: String]

    /// - Returns: nil for a person's commit, which has none of our trailers.
    init?(_ commit: CommitTrailers) {
        let keys = [
            Self.idKey, Self.recipeKey, Self.positionsKey, LogHeadTrailer.key, LogHeadTrailer.signatureKey,
        ]
        let ours = commit.trailers.filter { keys.contains($0.key) }
        guard !ours.isEmpty else { return nil }
        self.commit = commit.commit
        trailers = Dictionary(ours.map { ($0.key, $0.value) }) { first, _ in first }
    }

    var id: String? { trailers[Self.idKey] }
    var recipe: String? { trailers[Self.recipeKey] }
    var positions: String? { trailers[Self.positionsKey] }
    /// The head of the log that it anchors.
    var head: TreeHead? { trailers[LogHeadTrailer.key].flatMap(LogHeadTrailer.parse) }

    /// The checkpoint that the commit holds; nil for one without a signature, or with one that can't be read.
    var checkpoint: Checkpoint? {
        guard let head, let line = trailers[LogHeadTrailer.signatureKey] else { return nil }
        return Checkpoint(head, signature: line)
    }

    /// The name of the key that has signed the head, as the signature says it.
    var signer: String? { checkpoint?.origin }

    var hasSignature: Bool { trailers[LogHeadTrailer.signatureKey] != nil }

    /// The trailers that are missing or say nothing.
    var missing: [String] {
        var names: [String] = []
        if id == nil { names.append(Self.idKey) }
        if recipe == nil { names.append(Self.recipeKey) }
        if positions == nil { names.append(Self.positionsKey) }
        if head == nil { names.append(LogHeadTrailer.key) }
        return names
    }
}
