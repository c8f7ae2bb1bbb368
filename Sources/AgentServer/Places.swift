import Synchronization

/// So many things at a time; whoever is let in leaves by letting go of its ticket.
final class Places: Sendable {
    private let limit: Int
    private let full: Problem
    private let taken = Mutex(0)

    /// - Parameter full: what is said to whoever comes when all are taken.
    init(_ limit: Int, full code: Problem.Code, _ detail: String) {
        self.limit = limit
        var full = Problem(code, detail)
        full.retryAfter = 10
        self.full = full
    }

    func take() throws(Problem) -> Ticket {
        let isFree = taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        guard isFree else { throw full }
        return Ticket(places: self)
    }

    final class Ticket: Sendable {
        private let places: Places

        init(places: Places) { self.places = places }

        deinit { places.taken.withLock { $0 -= 1 } }
    }
}
