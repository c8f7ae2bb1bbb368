import Events
import Synchronization

/// Where an audit of the record is asked for, and how the one that is made stands.
///
/// The agent makes audits by itself as well, at `audit_interval`.
package final class AuditDesk: Sendable {
    private struct State {
        var isWanted = false
        var isRunning = false
        /// Events that were checked, of how many.
        var checked = (done: 0, total: 0)
        var failure: String?
    }

    private let state = Mutex(State())

    package init() {}

    /// Has one made, unless one is about to be.
    package func request() { state.withLock { $0.isWanted = true } }

    /// Whether one was asked for since the last one began.
    package var isWanted: Bool { state.withLock { $0.isWanted } }

    package func began() {
        state.withLock { $0 = State(isRunning: true) }
    }

    package func reached(_ done: Int, of total: Int) {
        state.withLock { $0.checked = (done, total) }
    }

    /// - Parameter failure: why it could not be made.
    package func ended(_ failure: String? = nil) {
        state.withLock { state in
            state.isRunning = false
            state.failure = failure
        }
    }

    /// - Parameter json: gets what is under way.
    func encode(into json: inout CanonicalJSON) {
        let state = state.withLock { $0 }
        json.set("requested", state.isWanted)
        json.set("running", state.isRunning)
        if state.isRunning {
            json.set("events_checked", state.checked.done)
            json.set("events_to_check", state.checked.total)
        }
        json.set("failure", state.failure)
    }
}
