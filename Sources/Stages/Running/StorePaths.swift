package import Events

/// Where the files of one store are.
package struct StorePaths: Sendable, Equatable {
    /// The store's directory.
    package let root: String
    /// The dataset's repository.
    package let dataset: String

    /// - Parameter dataset: nil for the store's own.
    package init(root: String, dataset: String? = nil) {
        self.root = root
        self.dataset = dataset ?? "\(root)/dataset"
    }

    package var log: String { "\(root)/log.db" }
    package var projections: String { "\(root)/projections.db" }
    /// The private key that checkpoints are signed with.
    package var signingKey: String { "\(root)/keys/log.key" }
    package var owner: String { "\(root)/owner.lock" }
    package var spool: String { "\(root)/spool" }
    /// Names of what is being worked on; what a dead agent left in it was in flight when it died.
    package var inFlight: String { "\(root)/in-flight" }
    package var originals: String { "\(root)/originals" }

    /// Where the source bytes with this digest are kept.
    package func original(_ digest: Digest) -> String {
        let name = digest.description
        return "\(originals)/\(name.prefix(2))/\(name)"
    }
}
