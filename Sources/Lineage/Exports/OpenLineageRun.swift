import Events
import Foundation
import GRDB

/// What became of a run.
enum OpenLineageState {
    case start
    case complete
    case abort
    case fail(String)

    var name: String {
        switch self {
        case .start: "START"
        case .complete: "COMPLETE"
        case .abort: "ABORT"
        case .fail: "FAIL"
        }
    }
}

/// One run of a job, from its START on.
struct OpenLineageRun {
    let job: String
    let id: EventID
    /// The agent's run that it is part of.
    let parent: EventID?
    var object: String?
    var partition: String?
    var inputs: [CanonicalJSON] = []
    var outputs: [CanonicalJSON] = []

    /// The run that an event begins: the same event gives the same id in every export.
    init(_ job: String, _ event: RecordedEvent, parent: OpenLineageRun?) {
        self.job = job
        id = EventID(derivedFrom: "openlineage", job, event.id.description)
        self.parent = parent?.id
    }
}

/// The runs of one job that have begun and not ended, by what they are about.
struct OpenLineageRunsUnderWay {
    typealias Change = (state: OpenLineageState, run: OpenLineageRun)

    private var runs: [String: OpenLineageRun] = [:]

    subscript(id: String) -> OpenLineageRun? {
        get { runs[id] }
        set { runs[id] = newValue }
    }

    /// Begins a run; one of the same that is under way is not to be.
    mutating func start(_ id: String, _ run: OpenLineageRun) -> [Change] {
        let before = end(id, .abort)
        runs[id] = run
        return before + [(.start, run)]
    }

    mutating func end(_ id: String, _ state: OpenLineageState) -> [Change] {
        runs.removeValue(forKey: id).map { [(state, $0)] } ?? []
    }

    /// Ends all that are meant, in an order that is always the same.
    mutating func end(_ state: OpenLineageState, where isMeant: (OpenLineageRun) -> Bool = { _ in true }) -> [Change] {
        runs.filter { isMeant($0.value) }.keys.sorted().flatMap { end($0, state) }
    }
}

/// What was written.
struct OpenLineageStatistics {
    let files: Int
    /// Nil where nobody counted them.
    let bytes: Int?
}

/// Where an object comes from and goes to.
struct OpenLineagePlace {
    let source: String
    let bucket: String
    let key: String
    let partition: String

    /// The first object that had a content.
    static func object(of content: Digest, in database: any DatabaseReader) async throws -> String? {
        try await database.read { database in
            try String.fetchOne(
                database,
                sql: "SELECT id FROM objects WHERE sha256 = ? ORDER BY observed_position LIMIT 1",
                arguments: [Data(content.bytes)]
            )
        }
    }

    static func find(object: String, in database: any DatabaseReader) async throws -> OpenLineagePlace? {
        try await database.read { database in
            let find = try database.cachedStatement(
                sql: """
                    SELECT k.source, k.bucket, k.key, k.partition FROM objects o JOIN keys k ON k.id = o.key_id
                    WHERE o.id = ?
                    """
            )
            return try Row.fetchOne(find, arguments: [object]).map {
                OpenLineagePlace(source: $0[0], bucket: $0[1], key: $0[2], partition: $0[3])
            }
        }
    }
}

/// A dataset version, as far as runs tell of it.
struct OpenLineageCommit {
    let partition: String
    let manifest: String
    let previous: String?
    let files: Int
    let bytes: Int
    let remote: String?

    static func find(_ id: String, in database: any DatabaseReader) async throws -> OpenLineageCommit? {
        try await database.read { database in
            let find = try database.cachedStatement(
                sql: "SELECT partition, manifest, previous, files, bytes, remote FROM commits WHERE id = ?"
            )
            return try Row.fetchOne(find, arguments: [id]).map {
                OpenLineageCommit(
                    partition: $0[0],
                    manifest: $0[1],
                    previous: $0[2],
                    files: $0[3],
                    bytes: $0[4],
                    remote: $0[5]
                )
            }
        }
    }
}
