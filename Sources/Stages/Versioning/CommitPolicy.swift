package import Events

/// When what changed in a partition becomes a version.
package struct CommitPolicy: Sendable, Equatable {
    package enum Mode: String, Sendable, CaseIterable {
        /// When the objects on hand are done, or enough time has passed, or enough tiles are new: whichever comes first.
        case auto
        /// Only when the objects on hand are done.
        case batch
        /// Only when somebody asks for it.
        case hand
    }

    /// What is known of a partition's changes that are in no commit.
    package struct Changes: Sendable {
        package var first: Timestamp
        package var last: Timestamp
        /// New tiles; asked for only where the policy counts them.
        package var tiles: Int
        /// Whether objects of the partition are still being fetched or tiled.
        package var isBusy: Bool
        package var isRequested: Bool

        package init(first: Timestamp, last: Timestamp, tiles: Int = 0, isBusy: Bool, isRequested: Bool = false) {
            self.first = first
            self.last = last
            self.tiles = tiles
            self.isBusy = isBusy
            self.isRequested = isRequested
        }
    }

    package var mode: Mode
    /// A partition whose objects are all done is committed so long after its last change: more may be on the way.
    package var quiet: Duration
    /// A partition is committed at the latest so long after its first change that is in no commit (`auto`).
    package var longest: Duration
    /// New tiles at which a partition is committed though more are coming (`auto`); nil for any number.
    package var tiles: Int?

    package init(mode: Mode = .auto, quiet: Duration, longest: Duration, tiles: Int? = nil) {
        self.mode = mode
        self.quiet = quiet
        self.longest = longest
        self.tiles = tiles
    }

    /// Whether new tiles have to be counted.
    package var countsTiles: Bool { mode == .auto && tiles != nil }

    /// When a commit may be made; nil while it has to wait for something else than time.
    package func due(_ changes: Changes) -> Timestamp? {
        if changes.isRequested { return changes.first }
        let done = changes.isBusy ? nil : changes.last + quiet
        switch mode {
        case .hand: return nil
        case .batch: return done
        case .auto:
            if let tiles, changes.tiles >= tiles { return changes.first }
            let latest = changes.first + longest
            return done.map { min($0, latest) } ?? latest
        }
    }
}
