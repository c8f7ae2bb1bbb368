package import Events
import GRDB

/// Which events are wanted; nil is all.
package struct EventFilter: Sendable, Equatable {
    package var types: Set<String>?
    package var stream: String?

    package init(types: Set<String>? = nil, stream: String? = nil) {
        self.types = types
        self.stream = stream
    }
}

extension EventLog {
    /// The most events that are looked at for one part of a list.
    package static let scanLimit = 20_000

    /// Events at these positions, in the order in which they are given; those that the log does not have are left out.
    package func events(at positions: [Int]) async throws -> [RecordedEvent] {
        try await LogSchema.translating(path) {
            try await database.read { try EventRow.read($0, at: positions) }
        }
    }

    /// Events that a filter lets through, from a position on.
    ///
    /// A filter that fits little costs no more than `scanLimit` rows: the part is short then, with more after it.
    ///
    /// - Parameters:
    ///   - position: events after it, or before it when `newestFirst`.
    /// - Returns: the events, and the position to go on from; nil when there are no more.
    package func page(
        _ filter: EventFilter = EventFilter(),
        from position: Int,
        newestFirst: Bool = false,
        limit: Int
    ) async throws -> (events: [RecordedEvent], next: Int?) {
        try await LogSchema.translating(path) {
            try await database.read { database in
                let stream = filter.stream == nil ? "" : "stream = ? AND"
                let order = filter.stream == nil ? "position" : "revision"
                var arguments: StatementArguments = filter.stream.map { [$0] } ?? []
                arguments += [position]
                let rows = try Row.fetchCursor(
                    database.cachedStatement(
                        sql: """
                            SELECT position, type FROM events WHERE \(stream) position \(newestFirst ? "<" : ">") ?
                            ORDER BY \(order) \(newestFirst ? "DESC" : "ASC")
                            """
                    ),
                    arguments: arguments
                )
                var positions: [Int] = []
                var (seen, last, next): (Int, Int?, Int?) = (0, nil, nil)
                while let row = try rows.next() {
                    // One more row than wanted is what tells that there is a next part.
                    if positions.count == limit || seen == Self.scanLimit {
                        next = last
                        break
                    }
                    seen += 1
                    last = row[0]
                    if filter.types?.contains(row[1]) ?? true { positions.append(row[0]) }
                }
                return (try EventRow.read(database, at: positions), next)
            }
        }
    }
}
