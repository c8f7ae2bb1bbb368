/// A stage could not do an item's work, or any work, and will try again.
package struct StageFailed: EventPayload {
    package static let type = EventType.stageFailed
    /// The reason of an item that was in flight when an agent died: its attempts do not count as the item's own failures.
    package static let agentDied = "agent-died"

    package let stage: String
    /// The item of the work list; nil when the whole stage is paused.
    package let item: String?
    /// How often this item has failed in this stage, this time included; under the reason `agent-died`, how many agents in a
    /// row died while they worked on it.
    package let attempt: Int
    /// Reason code, kebab-case.
    package let reason: String
    package let message: String
    package let nextAttemptAt: Timestamp

    package init(
        stage: String,
        item: String?,
        attempt: Int,
        reason: String,
        message: String,
        nextAttemptAt: Timestamp
    ) {
        self.stage = stage
        self.item = item
        self.attempt = attempt
        self.reason = reason
        self.message = message
        self.nextAttemptAt = nextAttemptAt
    }

    package init(from json: JSONObject) throws(EventError) {
        stage = try json.string("stage")
        item = try json.optionalString("item")
        attempt = try json.int("attempt")
        reason = try json.string("reason")
        message = try json.string("message")
        nextAttemptAt = try json.timestamp("next_attempt_at")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("stage", stage)
        json.set("item", item)
        json.set("attempt", attempt)
        json.set("reason", reason)
        json.set("message", message)
        json.set("next_attempt_at", nextAttemptAt)
    }
}

/// What stood still goes on: a stage, or what a stage does with one source or endpoint.
package struct StageResumed: EventPayload {
    package static let type = EventType.stageResumed

    /// As the `StageFailed` without an item named it.
    package let stage: String

    package init(stage: String) {
        self.stage = stage
    }

    package init(from json: JSONObject) throws(EventError) {
        stage = try json.string("stage")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("stage", stage)
    }
}
