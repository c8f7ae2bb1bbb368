import Events
import GRDB
import Synchronization

/// The tiles of the page of events under way.
///
/// Of a hundred events all but a few are tiles, and nothing that is folded asks for one: they are written together.
final class TilePage: Sendable {
    struct Row: Sendable {
        let derivation: Int
        let tile: WrittenTile
        let position: Int
    }

    private struct State {
        var rows: [Row] = []
        /// The stream of the last tile, and the number of its derivation if the catalog knows it.
        var stream: String?
        var derivation: Int?
    }

    private let state = Mutex(State())

    func start() {
        state.withLock {
            $0.rows.removeAll(keepingCapacity: true)
            $0.stream = nil
        }
    }

    func add(_ tile: WrittenTile, _ event: RecordedEvent, in database: Database) throws {
        try state.withLock { state in
            if state.stream != event.stream {
                let id = StreamName.id(of: event.stream)
                state.derivation = try CatalogTables(database).derivation(takingTilesOf: id)
                state.stream = event.stream
            }
            guard let derivation = state.derivation else { return }
            state.rows.append(Row(derivation: derivation, tile: tile, position: event.position))
        }
    }

    /// What comes between tiles may make their derivation known.
    func noteOtherEvent() {
        state.withLock { $0.stream = nil }
    }

    func write(to database: Database) throws {
        let rows = state.withLock { state in
            defer { state.rows.removeAll(keepingCapacity: true) }
            return state.rows
        }
        guard !rows.isEmpty else { return }
        var writer = try TileRowWriter(database)
        for row in rows { try writer.write(row) }
        try TileDigests.insert(rows, into: database)
    }
}
