package import Events

/// When a changed partition is committed though more changes may come.
package struct CommitPolicy: Sendable, Equatable {
    /// A partition whose objects are all done is committed so long after its last change: more may be on the way.
    package var quiet: Duration
    /// A partition is committed at the latest so long after its first change that is in no commit.
    package var longest: Duration

    package init(quiet: Duration, longest: Duration) {
        self.quiet = quiet
        self.longest = longest
    }

    /// When a commit may be made; nil while it has to wait for objects under way.
    ///
    /// - Parameters:
    ///   - firstChange: the oldest change that is in no commit.
    ///   - lastChange: the newest one.
    ///   - isBusy: whether objects of the partition are still being fetched or tiled.
    package func due(firstChange: Timestamp, lastChange: Timestamp, isBusy: Bool) -> Timestamp {
        let latest = firstChange + longest
        return isBusy ? latest : min(latest, lastChange + quiet)
    }
}
