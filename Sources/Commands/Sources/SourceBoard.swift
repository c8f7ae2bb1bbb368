import Events
import Files
import Synchronization

/// What is known of one source while the agent runs.
struct SourceState: Sendable, Equatable {
    enum Condition: Sendable, Equatable {
        case watching
        /// Intake waits for room.
        case waiting(String)
        /// It could not be asked.
        case failing(reason: String, message: String)
    }

    var state = Condition.watching
    var lastLook: Timestamp?
    var lastSweep: Timestamp?
    /// Objects that the last look at the whole source saw.
    var listed = 0
    /// LIST requests since the agent started.
    var requests = 0
    var unreadable = 0
    /// Messages of a queue since the agent started.
    var messages: Int?
    /// Whether keys came in an order in which nothing can be found to be gone.
    var isUnsorted = false
    /// Why a folder, or a part of it, is looked at by sweeps only.
    var sweepsOnly: String?

    var json: CanonicalJSON {
        CanonicalJSON {
            switch state {
            case .watching: $0.set("state", "watching")
            case .waiting(let message):
                $0.set("state", "waiting")
                $0.set("message", message)
            case .failing(let reason, let message):
                $0.set("state", "failing")
                $0.set("reason", reason)
                $0.set("message", message)
            }
            $0.set("last_look", lastLook?.description)
            $0.set("last_sweep", lastSweep?.description)
            $0.set("listed", listed)
            $0.set("list_requests", requests)
            $0.set("unreadable_keys", unreadable)
            $0.set("sweeps_only", sweepsOnly)
            $0.set("messages", messages)
            $0.set("unsorted", isUnsorted ? true : nil)
        }
    }
}

/// The agent's sources and how they are, for `status` in another process.
final class SourceBoard: Sendable {
    private let path: String
    private let states = Mutex<[String: SourceState]>([:])

    init(path: String) {
        self.path = path
    }

    func update(_ source: String, _ change: (inout SourceState) -> Void) {
        states.withLock { states in
            let before = states[source]
            change(&states[source, default: SourceState()])
            guard states[source] != before else { return }
            let json = CanonicalJSON { json in for (name, state) in states { json.set(name, state.json) } }
            // It is a courtesy: where the disk is full, the log of messages still says the same.
            try? writeAtomically(json.bytes, to: path)
        }
    }

    /// The sources that something is known of.
    var all: [(name: String, state: SourceState)] {
        states.withLock { $0.map { (name: $0.key, state: $0.value) } }
    }

    func state(of source: String) -> SourceState? { states.withLock { $0[source] } }
}
