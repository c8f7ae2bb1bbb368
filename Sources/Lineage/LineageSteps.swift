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

        init(_ kind: String, _ position: Int?, of thread: LineageThread, _ facts: [(String, String?)]) {
            self.kind = kind
            self.thread = thread
            self.position = position
            self.facts = facts.compactMap { name, value in value.map { LineageStep.Fact(name, $0) } }
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
            return try objects(ofDerivation: id).flatMap { try objectSteps($0) } + derivationSteps(id)
                + commits(ofDerivation: id).flatMap { try commitSteps($0) }
        case .tile(let derivation, let name):
            return try objects(ofDerivation: derivation).flatMap { try objectSteps($0) }
                + derivationSteps(derivation, tile: name)
                + commits(ofDerivation: derivation).flatMap { try commitSteps($0) }
        case .commit(let id):
            return try sourceSteps(ofCommit: id) + commitSteps(id)
        case .notification(let id):
            let subject = try String.fetchOne(
                database,
                sql: "SELECT subject FROM notifications WHERE id = ?",
                arguments: [id]
            )
            return try subject.map { try sourceSteps(ofCommit: $0) + commitSteps($0, notification: id) }
                ?? notificationSteps("id = ?", [id])
        }
    }

    private func objectSteps(_ id: String) throws -> [Draft] {
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
                    ("object", id), ("source", row["source"]), ("bucket", row["bucket"]), ("key", row["key"]),
                    ("version", row["version"]), ("bytes", (row["size"] as Int?).map(String.init)),
                ]
            )
        ]
        if let position: Int = row["fetched_position"] {
            steps.append(
                Draft("fetched", position, of: .object(id), [("sha256", (row["sha256"] as Data?).map { hex($0) })])
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
                    [("object", id), ("reason", row["reason"]), ("message", row["message"])]
                )
            )
        }
        return steps
    }

    private func derivationSteps(_ id: String, tile: String? = nil) throws -> [Draft] {
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
                        ("derivation", id), ("recipe", hex(row["recipe"] as Data)), ("settings", row["settings"]),
                        ("engine_revision", (row["engine_revision"] as Int?).map(String.init)), ("host", row["host"]),
                    ]
                )
            )
        }
        let number: Int = row["number"]
        let places = try directories(ofDerivation: number)
        if let tile, let found = try tileRow(number, tile) {
            steps.append(
                Draft(
                    "tile",
                    found["position"],
                    of: .derivation(id),
                    [
                        ("path", places.first.map { "\($0)/\(tile)" } ?? tile),
                        ("bytes", String(found["bytes"] as Int)),
                        ("sha256", hex(found["sha256"] as Data)), ("md5", hex(found["md5"] as Data)),
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
                        ("directory", tile == nil ? places.first : nil),
                        ("tiles", (row["tiles"] as Int?).map(String.init)),
                        ("width", (row["width"] as Int?).map(String.init)),
                        ("height", (row["height"] as Int?).map(String.init)),
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
                [("place", row["place"]), ("reason", row["reason"]), ("message", row["message"])]
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

    /// Where in the dataset the tiles of a derivation are or were, newest place first.
    private func directories(ofDerivation number: Int) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT k.partition || '/' || k.path FROM entries e JOIN keys k ON k.id = e.key_id
                WHERE e.derivation = ? ORDER BY e.until_position IS NOT NULL, e.from_position DESC LIMIT ?
                """,
            arguments: [number, Self.listed]
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
                    ("commit", id), ("partition", partition), ("manifest", row["manifest"]),
                    ("files", String(row["files"] as Int)), ("bytes", String(row["bytes"] as Int)),
                    ("positions", "\(row["from_position"] as Int)-\(row["through_position"] as Int)"),
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
                        ("git_commit", row["git_commit"]), ("pointer", partition + ".dvc"),
                        ("log_size", (row["log_size"] as Int?).map(String.init)),
                        ("log_root", (row["log_root"] as Data?).map { hex($0) }),
                    ]
                )
            )
        }
        if let position: Int = row["pushed_position"] {
            steps.append(Draft("push", position, of: .receipt(id: id, of: id), [("remote", row["remote"])]))
        }
        steps += try Row.fetchAll(
            database,
            sql: "SELECT git_commit, position FROM former_commits WHERE id = ? ORDER BY position",
            arguments: [id]
        ).map { Draft("rebase", $0["position"], of: .receipt(id: id, of: id), [("previous_commit", $0["git_commit"])]) }
        if let position: Int = row["shared_position"] {
            steps.append(
                Draft(
                    "share",
                    position,
                    of: .receipt(id: id, of: id),
                    [("git_remote", row["git_remote"]), ("git_branch", row["git_branch"]), ("tag", row["tag"])]
                )
            )
        }
        if let notification { return try steps + notificationSteps("id = ?", [notification]) }
        return try steps + notificationSteps("subject = ?", [id])
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
                    ("notification", row["id"]), ("endpoint", row["endpoint"]), ("kind", row["kind"]),
                    ("state", row["state"]), ("attempts", String(row["attempts"] as Int)),
                    ("status", (row["status"] as Int?).map(String.init)), ("error", row["error"]),
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
        var steps = [Draft("sources", nil, of: .sources, [("objects", String(count))])]
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
                    [("object", row["object"]), ("bucket", row["bucket"]), ("key", row["key"])]
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

    private func objects(ofDerivation id: String) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT o.id FROM derivations d JOIN objects o ON o.sha256 = d.sha256 WHERE d.id = ?
                ORDER BY o.observed_position LIMIT ?
                """,
            arguments: [id, Self.listed]
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
