import GRDB

/// What the generation under way says of its successors: counted as they change, so that it can be asked for at any time.
struct SuccessorCounts {
    var objects = 0
    var waiting = 0
    var failed = 0
    /// Of those that are derived.
    var tiles = 0

    init() {}

    /// Of successors in one state, whose derivation has so many tiles.
    init(_ objects: Int, state: String, tiles: Int) {
        self.objects = objects
        switch state {
        case "waits": waiting = objects
        case "failed": failed = objects
        default: self.tiles = objects * tiles
        }
    }

    static func += (left: inout Self, right: Self) {
        left.objects += right.objects
        left.waiting += right.waiting
        left.failed += right.failed
        left.tiles += right.tiles
    }

    static prefix func - (counts: Self) -> Self {
        var negative = Self()
        negative.objects = -counts.objects
        negative.waiting = -counts.waiting
        negative.failed = -counts.failed
        negative.tiles = -counts.tiles
        return negative
    }
}

extension CatalogTables {
    /// Notes that the generation under way has so many more successors, or fewer.
    func count(_ difference: SuccessorCounts) throws {
        try database.run(
            """
            UPDATE generations SET objects = objects + ?, waiting = waiting + ?, failed = failed + ?, tiles = tiles + ?
            WHERE state = 'deriving'
            """,
            [difference.objects, difference.waiting, difference.failed, difference.tiles]
        )
    }

    /// Keeps the counts true over a change of a derivation, or of the state of those that it is to stand for.
    func recounting(_ derivation: String, _ change: () throws -> Void) throws {
        let before = try successors(of: derivation)
        try change()
        guard before.objects > 0 else { return }
        var difference = try successors(of: derivation)
        difference += -before
        try count(difference)
    }

    private func successors(of derivation: String) throws -> SuccessorCounts {
        let find = try database.cachedStatement(
            sql: """
                SELECT count(*), s.state, ifnull(d.tiles, 0) FROM derivations d JOIN successors s ON s.derivation = d.number
                WHERE d.id = ? GROUP BY s.state
                """
        )
        return try Row.fetchAll(find, arguments: [derivation]).reduce(into: SuccessorCounts()) { counts, row in
            counts += SuccessorCounts(row[0], state: row[1], tiles: row[2])
        }
    }
}
