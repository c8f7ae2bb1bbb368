package import Events
package import GRDB
import Synchronization

/// The view that counts: how many events of each type there are, and where the newest stands.
package final class Activity: View {
    package let name = "activity"
    package let tables = ["activity"]
    package let payloadTypes: Set<String> = []

    private struct Kind: Hashable {
        let type: String
        let schemaVersion: Int
    }

    private struct Count {
        var events = 0
        var first = 0
        var last = 0
        var lastRecordedAt: Int64 = 0
    }

    /// Counts of the page under way: a page's events touch few rows, so these are written once.
    private let page = Mutex<[Kind: Count]>([:])

    package init() {}

    package func startPage() {
        page.withLock { $0 = [:] }
    }

    package func apply(_ event: RecordedEvent, _: Void, to database: Database) throws {
        page.withLock { page in
            var count = page[Kind(type: event.type, schemaVersion: event.schemaVersion)] ?? Count()
            count.events += 1
            if count.first == 0 { count.first = event.position }
            count.last = event.position
            count.lastRecordedAt = event.recordedAt.microseconds
            page[Kind(type: event.type, schemaVersion: event.schemaVersion)] = count
        }
    }

    package func finishPage(in database: Database) throws {
        let counts = page.withLock { page in
            defer { page = [:] }
            return page
        }
        for (kind, count) in counts {
            try database.run(
                """
                INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (type, schema_version) DO UPDATE SET events = events + excluded.events,
                    last_position = excluded.last_position, last_recorded_at = excluded.last_recorded_at
                """,
                [kind.type, kind.schemaVersion, count.events, count.first, count.last, count.lastRecordedAt]
            )
        }
    }
}
