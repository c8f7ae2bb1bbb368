package import Events
import GRDB

/// A notification that waits or has ended.
package struct CatalogNotification: Sendable, Equatable {
    package let id: String
    /// The endpoint's name.
    package let endpoint: String
    /// Its place among the endpoint's notifications, gapless from 1; nil in the oldest logs.
    package let sequence: Int?
    package let kind: String
    package let subject: String
    package let partition: String?
    /// A CloudEvent in structured JSON.
    package let body: String
    /// `queued`, `delivered` or `abandoned`.
    package let state: String
    package let attempts: Int
    /// HTTP status of the last answer.
    package let status: Int?
    package let error: String?
    /// The beginning of the last answer's body.
    package let answer: String?
    package let queuedPosition: Int

    package init(
        id: String,
        endpoint: String,
        sequence: Int?,
        kind: String,
        subject: String,
        partition: String? = nil,
        body: String,
        state: String = "queued",
        attempts: Int = 0,
        status: Int? = nil,
        error: String? = nil,
        answer: String? = nil,
        queuedPosition: Int
    ) {
        self.id = id
        self.endpoint = endpoint
        self.sequence = sequence
        self.kind = kind
        self.subject = subject
        self.partition = partition
        self.body = body
        self.state = state
        self.attempts = attempts
        self.status = status
        self.error = error
        self.answer = answer
        self.queuedPosition = queuedPosition
    }
}

/// An endpoint as the log knows it.
package struct CatalogEndpoint: Sendable, Equatable {
    package let name: String
    package let place: String
    package let filter: EndpointFilter
    /// `enabled`, `gone` or `not-configured`.
    package let state: String
    package let lastSequence: Int

    /// The event that has it told again, of what it was told before.
    package var enabling: EndpointAdopted {
        EndpointAdopted(name: name, place: place, kinds: filter.kinds, partitions: filter.partitions)
    }
}

extension EndpointFilter {
    /// Reads the columns `kinds` and `partitions`, which have one a line.
    init(_ row: Row) {
        self.init(
            kinds: (row["kinds"] as String).split(separator: "\n").map(String.init),
            partitions: (row["partitions"] as String).split(separator: "\n").map(String.init)
        )
    }
}

extension CatalogReader {
    package func endpoint(_ name: String) async throws -> CatalogEndpoint? {
        try await endpoints().first { $0.name == name }
    }

    package func endpoints() async throws -> [CatalogEndpoint] {
        try await database.read { database in
            let find = try database.cachedStatement(sql: "SELECT * FROM endpoints ORDER BY name")
            return try Row.fetchAll(find).map { row in
                CatalogEndpoint(
                    name: row["name"],
                    place: row["place"],
                    filter: EndpointFilter(row),
                    state: row["state"],
                    lastSequence: row["last_sequence"]
                )
            }
        }
    }

    /// How many notifications wait for each endpoint, or wait to be tried again.
    package func waitingNotifications() async throws -> [(endpoint: String, count: Int)] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql:
                    "SELECT endpoint, count(*) FROM notifications WHERE state = 'queued' GROUP BY endpoint ORDER BY endpoint"
            ).map { (endpoint: $0[0] as String, count: $0[1] as Int) }
        }
    }

    package func notification(_ id: String) async throws -> CatalogNotification? {
        try await database.read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM notifications WHERE id = ?"),
                arguments: [id]
            ).map(Self.notification)
        }
    }

    /// The name of the endpoint that a notification is for; nil while it is disabled.
    package func enabledEndpoint(ofNotification id: String) async throws -> String? {
        try await database.read { database in
            try String.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT n.endpoint FROM notifications n LEFT JOIN endpoints e ON e.name = n.endpoint
                        WHERE n.id = ? AND ifnull(e.state, 'enabled') = 'enabled'
                        """
                ),
                arguments: [id]
            )
        }
    }

    /// Notifications, newest first.
    ///
    /// - Parameters:
    ///   - endpoint: only those for it; nil for all.
    ///   - state: only those in it; nil for all.
    ///   - position: only those that were queued at or after it.
    package func notifications(
        endpoint: String? = nil,
        state: String? = nil,
        since position: Int = 0,
        limit: Int
    ) async throws -> [CatalogNotification] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM notifications WHERE (? IS NULL OR endpoint = ?) AND (? IS NULL OR state = ?)
                        AND queued_position >= ?
                    ORDER BY queued_position DESC LIMIT ?
                    """,
                arguments: [endpoint, endpoint, state, state, position, limit]
            ).map(Self.notification)
        }
    }

    static func notification(_ row: Row) -> CatalogNotification {
        CatalogNotification(
            id: row["id"],
            endpoint: row["endpoint"],
            sequence: row["sequence"],
            kind: row["kind"],
            subject: row["subject"],
            partition: row["partition"],
            body: row["body"],
            state: row["state"],
            attempts: row["attempts"],
            status: row["status"],
            error: row["error"],
            answer: row["answer"],
            queuedPosition: row["queued_position"]
        )
    }
}
