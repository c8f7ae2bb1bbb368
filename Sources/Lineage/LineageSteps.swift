import Events
import Foundation
import GRDB

/// Gathers the steps of a chain from the catalog's tables, in the order in which things happened.
struct LineageSteps {
    /// A step whose time is still to be looked up.
    struct Draft {
        let kind: String
        let position: Int?
        let facts: [LineageStep.Fact]
        let thread: LineageThread

        init(_ kind: String, _ position: Int?, of thread: LineageThread, _ facts: [LineageStep.Fact?]) {
            self.kind = kind
            self.thread = thread
            self.position = position
            self.facts = facts.compactMap(\.self)
        }
    }

    /// More tiles or objects than this are counted, not listed.
    private static let listed = 5

    let database: Database

    func steps(of subject: LineageSubject) throws -> [Draft] {
        switch subject {
        case .object(let id):
            let derivations = try derivations(ofObject: id)
            return try objectSteps(id) + derivations.flatMap { try derivationSteps($0) }
                + commits(ofObject: id).flatMap { try commitSteps($0) }
        case .derivation(let id):
            return try holderSteps(ofDerivation: id) + derivationSteps(id)
                + commits(ofDerivation: id).flatMap { try commitSteps($0) }
        case .tile(let derivation, let name, let holder):
            return try holderSteps(ofDerivation: derivation, first: holder)
                + derivationSteps(derivation, tile: name, holder: holder)
                + commits(ofDerivation: derivation).flatMap { try commitSteps($0) }
        case .commit(let id):
            return try sourceSteps(ofCommit: id) + commitSteps(id)
        case .notification(let id):
            let subject = try String.fetchOne(
                database,
                sql: "SELECT subject FROM notifications WHERE id = ?",
                arguments: [id]
            )
            guard let subject else { return [] }
            let version = try commitSteps(subject, notification: id)
            if !version.isEmpty { return try sourceSteps(ofCommit: subject) + version }
            // Of an object, or of what has no steps of its own: a generation, a source, an audit.
            let object = try objectSteps(subject, notification: id)
            return try object.isEmpty ? notificationSteps("id = ?", [id]) : object
        }
    }

    /// The objects that hold a derivation's content: a few of them, and how many there are where that is not all.
    ///
    /// - Parameter first: one that is among the few in any case.
    private func holderSteps(ofDerivation id: String, first: String? = nil) throws -> [Draft] {
        let held = "FROM derivations d JOIN objects o ON o.sha256 = d.sha256 WHERE d.id = ?1"
        let holders = try String.fetchAll(
            database,
            sql: "SELECT o.id \(held) ORDER BY o.id IS NOT ?2, o.observed_position LIMIT ?3",
            arguments: [id, first, Self.listed]
        )
        let steps = try holders.flatMap { try objectSteps($0) }
        guard holders.count == Self.listed else { return steps }
        let count = try Int.fetchOne(database, sql: "SELECT count(*) \(held)", arguments: [id]) ?? 0
        guard count > holders.count else { return steps }
        return [Draft("sources", nil, of: .derivation(id), [.whole("objects", count)])] + steps
    }

    /// - Parameter notification: the only one that is wanted; nil for all that told of the object.
    private func objectSteps(_ id: String, notification: String? = nil) throws -> [Draft] {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT o.*, k.source, k.bucket, k.key FROM objects o JOIN keys k ON k.id = o.key_id WHERE o.id = ?",
            arguments: [id]
        )
        guard let row else { return [] }
        var steps = [
            Draft(
                "observed",
                row["observed_position"],
                of: .object(id),
                [
                    .text("object", id), .text("source", row["source"]), .text("bucket", row["bucket"]),
                    .text("key", row["key"]),
                    .text("version", row["version"]), .whole("bytes", row["size"]),
                ]
            )
        ]
        if let position: Int = row["fetched_position"] {
            steps.append(
                Draft("fetched", position, of: .object(id), [.text("sha256", (row["sha256"] as Data?).map { hex($0) })])
            )
        }
        if let position: Int = row["validated_position"] {
            steps.append(Draft("validated", position, of: .object(id), []))
        }
        if let position: Int = row["ended_position"] {
            steps.append(
                Draft(
                    row["state"],
                    position,
                    of: .object(id),
                    [.text("object", id), .text("reason", row["reason"]), .text("message", row["message"])]
                )
            )
        }
        return try steps + notificationSteps(of: id, only: notification)
    }

    private func derivationSteps(_ id: String, tile: String? = nil, holder: String? = nil) throws -> [Draft] {
        let row = try Row.fetchOne(
            database,
            sql:
                "SELECT d.*, r.recipe AS settings FROM derivations d JOIN recipes r ON r.digest = d.recipe WHERE d.id = ?",
            arguments: [id]
        )
        guard let row else { return [] }
        var steps: [Draft] = []
        if let position: Int = row["started_position"] {
            steps.append(
                Draft(
                    "derivation",
                    position,
                    of: .derivation(id),
                    [
                        .text("derivation", id), .text("recipe", hex(row["recipe"] as Data)),
                        .text("settings", row["settings"]),
                        .whole("engine_revision", row["engine_revision"]), .text("host", row["host"]),
                    ]
                )
            )
        }
        let number: Int = row["number"]
        let places = try directories(ofDerivation: number, first: holder)
        if let tile, let found = try tileRow(number, tile) {
            steps.append(
                Draft(
                    "tile",
                    found["position"],
                    of: .derivation(id),
                    [
                        .text("path", places.first.map { "\($0)/\(tile)" } ?? tile),
                        .whole("bytes", found["bytes"]),
                        .text("sha256", hex(found["sha256"] as Data)), .text("md5", hex(found["md5"] as Data)),
                    ]
                )
            )
            steps += try damageSteps(hex(found["md5"] as Data), of: .derivation(id))
        }
        if let position: Int = row["completed_position"] {
            steps.append(
                Draft(
                    "derived",
                    position,
                    of: .derivation(id),
                    [
                        .text("directory", tile == nil ? places.first : nil),
                        .whole("tiles", row["tiles"]),
                        .whole("width", row["width"]),
                        .whole("height", row["height"]),
                    ]
                )
            )
        }
        return steps
    }

    /// Where an object is missing or has other bytes, and nobody has found it right since.
    private func damageSteps(_ artifact: String, of thread: LineageThread) throws -> [Draft] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM damages WHERE artifact = ? ORDER BY place",
            arguments: [artifact]
        ).map { row in
            Draft(
                "damage",
                row["position"],
                of: thread,
                [.text("place", row["place"]), .text("reason", row["reason"]), .text("message", row["message"])]
            )
        }
    }

    private func tileRow(_ derivation: Int, _ name: String) throws -> Row? {
        try Row.fetchOne(
            database,
            sql: "SELECT * FROM tiles WHERE derivation = ? AND name = ?",
            arguments: [derivation, name]
        )
    }

    /// Where in the dataset the tiles of a derivation are or were: one object's place, then the newest.
    private func directories(ofDerivation number: Int, first holder: String?) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT k.partition || '/' || k.path FROM entries e JOIN keys k ON k.id = e.key_id
                WHERE e.derivation = ?
                ORDER BY e.object IS NOT ?, e.until_position IS NOT NULL, e.from_position DESC LIMIT ?
                """,
            arguments: [number, holder, Self.listed]
        )
    }

    private func commitSteps(_ id: String, notification: String? = nil) throws -> [Draft] {
        let row = try Row.fetchOne(database, sql: "SELECT * FROM commits WHERE id = ?", arguments: [id])
        guard let row else { return [] }
        let partition: String = row["partition"]
        var steps = [
            Draft(
                "dataset",
                row["started_position"],
                of: .commit(id),
                [
                    .text("commit", id), .text("partition", partition), .text("manifest", row["manifest"]),
                    .whole("files", row["files"]), .whole("bytes", row["bytes"]),
                    .text("positions", "\(row["from_position"] as Int)-\(row["through_position"] as Int)"),
                ]
            )
        ]
        if let position: Int = row["committed_position"] {
            steps.append(
                Draft(
                    "commit",
                    position,
                    of: .commit(id),
                    [
                        .text("git_commit", row["git_commit"]), .text("pointer", partition + ".dvc"),
                        .whole("log_size", row["log_size"]),
                        .text("log_root", (row["log_root"] as Data?).map { hex($0) }),
                    ]
                )
            )
        }
        if let position: Int = row["pushed_position"] {
            steps.append(Draft("push", position, of: .receipt(id: id, of: id), [.text("remote", row["remote"])]))
        }
        steps += try Row.fetchAll(
            database,
            sql: "SELECT git_commit, position FROM former_commits WHERE id = ? ORDER BY position",
            arguments: [id]
        ).map {
            Draft("rebase", $0["position"], of: .receipt(id: id, of: id), [.text("previous_commit", $0["git_commit"])])
        }
        if let position: Int = row["shared_position"] {
            steps.append(
                Draft(
                    "share",
                    position,
                    of: .receipt(id: id, of: id),
                    [
                        .text("git_remote", row["git_remote"]), .text("git_branch", row["git_branch"]),
                        .text("tag", row["tag"]),
                    ]
                )
            )
        }
        return try steps + notificationSteps(of: id, only: notification)
    }

    private func notificationSteps(of subject: String, only notification: String?) throws -> [Draft] {
        guard let notification else { return try notificationSteps("subject = ?", [subject]) }
        return try notificationSteps("id = ?", [notification])
    }

    private func notificationSteps(_ condition: String, _ arguments: StatementArguments) throws -> [Draft] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM notifications WHERE \(condition) ORDER BY queued_position",
            arguments: arguments
        ).map { row in
            Draft(
                "notification",
                (row["ended_position"] as Int?) ?? row["queued_position"],
                of: .receipt(id: row["id"], of: row["subject"]),
                [
                    .text("notification", row["id"]), .text("endpoint", row["endpoint"]), .text("kind", row["kind"]),
                    .text("state", row["state"]), .whole("attempts", row["attempts"]),
                    .whole("status", row["status"]), .text("error", row["error"]),
                ]
            )
        }
    }

    /// The objects of a dataset version: counted, and a few of them listed.
    private func sourceSteps(ofCommit id: String) throws -> [Draft] {
        let held = """
            FROM commits c JOIN keys k ON k.partition = c.partition
            JOIN entries e ON e.key_id = k.id AND e.from_position <= c.through_position
                AND (e.until_position IS NULL OR e.until_position > c.through_position)
            WHERE c.id = ?
            """
        let count = try Int.fetchOne(database, sql: "SELECT count(*) \(held)", arguments: [id]) ?? 0
        let shown = try Row.fetchAll(
            database,
            sql: "SELECT k.bucket, k.key, e.object, e.derivation \(held) ORDER BY k.key LIMIT ?",
            arguments: [id, Self.listed]
        )
        var steps = [Draft("sources", nil, of: .sources, [.whole("objects", count)])]
        for row in shown {
            let position = try Int.fetchOne(
                database,
                sql: "SELECT observed_position FROM objects WHERE id = ?",
                arguments: [row["object"] as String]
            )
            steps.append(
                Draft(
                    "observed",
                    position,
                    of: .object(row["object"]),
                    [.text("object", row["object"]), .text("bucket", row["bucket"]), .text("key", row["key"])]
                )
            )
        }
        return steps
    }

    private func derivations(ofObject id: String) throws -> [String] {
        try String.fetchAll(
            database,
            sql:
                "SELECT d.id FROM objects o JOIN derivations d ON d.sha256 = o.sha256 WHERE o.id = ? ORDER BY d.number",
            arguments: [id]
        )
    }

    private func commits(ofObject id: String) throws -> [String] {
        try commits("e.key_id = (SELECT key_id FROM objects WHERE id = ?1) AND e.object = ?1", id)
    }

    private func commits(ofDerivation id: String) throws -> [String] {
        try commits("e.derivation = (SELECT number FROM derivations WHERE id = ?)", id)
    }

    private func commits(_ condition: String, _ id: String) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT DISTINCT c.id FROM entries e JOIN keys k ON k.id = e.key_id
                JOIN commits c ON c.partition = k.partition AND e.from_position <= c.through_position
                    AND (e.until_position IS NULL OR e.until_position > c.through_position)
                WHERE \(condition) ORDER BY c.started_position
                """,
            arguments: [id]
        )
    }
}
