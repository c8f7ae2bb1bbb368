import Projections
import Synchronization

/// Whether objects are being looked for.
final class IntakeGate: Sendable {
    private let state = Mutex((looks: 0, hasLooked: false))
    /// The log's head when the agent took the store.
    private let opened: Int

    init(opened: Int) {
        self.opened = opened
    }

    /// Whether more objects may be about to be observed; so it is until the sources have been looked at.
    var isBusy: Bool { state.withLock { $0.looks > 0 || !$0.hasLooked } }
    func enter() { state.withLock { $0.looks += 1 } }
    func leave() { state.withLock { $0.looks -= 1 } }
    func noteLook() { state.withLock { $0.hasLooked = true } }

    /// Whether work has to wait until the sources have been looked at.
    ///
    /// That is the work from before this agent: its objects may have been replaced or removed since, and what would be
    /// made of them must not depend on which of the two is first.
    func holds(_ item: WorkItem) -> Bool {
        item.position <= opened && !state.withLock { $0.hasLooked }
    }
}
