import Synchronization

/// Which parts of the promise "every change is hinted" do not hold at present.
final class Coverage: Sendable {
    private let losses = Mutex(Set<SweepReason>())

    /// Whether some directories are without a watch.
    var isPartial: Bool { losses.withLock { !$0.isEmpty } }

    /// Notes a loss; true the first time.
    func lose(_ reason: SweepReason) -> Bool {
        losses.withLock { $0.insert(reason).inserted }
    }

    func reset() {
        losses.withLock { $0 = [] }
    }
}
