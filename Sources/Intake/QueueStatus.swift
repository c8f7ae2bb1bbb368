package import Events

/// How reading a queue is going, for `status` and metrics.
package struct QueueStatus: Sendable, Equatable {
    /// What stands in the way right now.
    package struct Failure: Sendable, Equatable {
        /// Reason code, kebab-case.
        package var reason: String
        /// What is wrong, and what to do.
        package var message: String
        /// How many times in a row.
        package var times: Int
        package var nextAttempt: Timestamp
    }

    package var isRunning = false
    /// Pollers that wait until there is less work or more room.
    package var held = 0
    /// nil while all is well.
    package var failure: Failure?
    package var lastReceived: Timestamp?

    /// Messages that were received.
    package var messages = 0
    /// Of these, messages that had been received before.
    package var repeated = 0
    /// Records that were handed on.
    package var notices = 0
    package var malformed = 0
    package var ignored = 0
    package var deleted = 0
    /// Times that a message was kept unseen for longer, because its work was waiting.
    package var extended = 0
    /// Messages that were given back to the queue, because handing them on failed again and again.
    package var givenBack = 0

    package init() {}
}
