/// A notification is to be delivered; its body is fixed here, and every attempt sends these bytes.
package struct NotificationQueued: EventPayload {
    package static let type = EventType.notificationQueued

    /// The `webhook-id` of every attempt.
    package let id: String
    /// The endpoint's name; its URL in the oldest logs.
    package let endpoint: String
    /// The CloudEvent's type, such as `swathlog.dataset.committed`.
    package let kind: String
    /// What it tells of: a dataset commit's id, an object's, a source.
    package let subject: String
    /// The CloudEvent in structured JSON.
    package let body: String
    /// Its place among the endpoint's notifications, gapless from 1; absent in the oldest logs.
    package let sequence: Int?
    /// Those of one partition go to an endpoint in their order; nil for none.
    package let partition: String?

    package init(
        id: String,
        endpoint: String,
        kind: String,
        subject: String,
        body: String,
        sequence: Int? = nil,
        partition: String? = nil
    ) {
        self.sequence = sequence
        self.partition = partition
        self.id = id
        self.endpoint = endpoint
        self.kind = kind
        self.subject = subject
        self.body = body
    }

    package init(from json: JSONObject) throws(EventError) {
        id = try json.string("id")
        endpoint = try json.string("endpoint")
        kind = try json.string("kind")
        subject = try json.string("subject")
        body = try json.string("body")
        sequence = try json.optionalInt("sequence")
        partition = try json.optionalString("partition")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("id", id)
        json.set("endpoint", endpoint)
        json.set("kind", kind)
        json.set("subject", subject)
        json.set("body", body)
        json.set("sequence", sequence)
        json.set("partition", partition)
    }
}

/// A notification was sent, and this came back.
package struct NotificationAttempted: EventPayload {
    package static let type = EventType.notificationAttempted

    /// 1 for the first.
    package let attempt: Int
    /// HTTP status; nil when no answer came.
    package let status: Int?
    /// Why no answer came.
    package let error: String?
    package let seconds: Double
    /// The beginning of the answer's body, with secrets masked; nil for an empty one.
    package let answer: String?

    package init(attempt: Int, status: Int?, error: String?, seconds: Double, answer: String? = nil) {
        self.answer = answer
        self.attempt = attempt
        self.status = status
        self.error = error
        self.seconds = seconds
    }

    package init(from json: JSONObject) throws(EventError) {
        attempt = try json.int("attempt")
        status = try json.optionalInt("status")
        error = try json.optionalString("error")
        seconds = try json.optionalDouble("seconds") ?? 0
        answer = try json.optionalString("answer")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("attempt", attempt)
        json.set("status", status)
        json.set("error", error)
        json.set("seconds", seconds)
        json.set("answer", answer)
    }
}

/// The receiver answered with a 2xx status.
package struct NotificationDelivered: EventPayload {
    package static let type = EventType.notificationDelivered

    package let attempt: Int

    package init(attempt: Int) {
        self.attempt = attempt
    }

    package init(from json: JSONObject) throws(EventError) {
        attempt = try json.int("attempt")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("attempt", attempt)
    }
}

/// A notification was given up on after its last attempt.
package struct NotificationAbandoned: EventPayload {
    package static let type = EventType.notificationAbandoned

    package let attempts: Int
    package let reason: String

    package init(attempts: Int, reason: String) {
        self.attempts = attempts
        self.reason = reason
    }

    package init(from json: JSONObject) throws(EventError) {
        attempts = try json.int("attempts")
        reason = try json.string("reason")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("attempts", attempts)
        json.set("reason", reason)
    }
}
