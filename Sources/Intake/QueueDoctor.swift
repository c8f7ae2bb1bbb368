package import ObjectStores

/// One thing about a queue that its owner should know.
package struct QueueFinding: Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// No message can be received.
        case cannotReceive = "queue-cannot-receive"
        /// What the queue is set to can't be read.
        case attributesUnreadable = "queue-attributes-unreadable"
        /// A message that can't be taken up comes back until it is too old, and is then lost.
        case noDeadLetterQueue = "queue-no-dead-letter-queue"
        /// A message goes to the dead-letter queue after so few receipts that a restart or two suffice.
        case fewReceives = "queue-few-receives"
        /// S3 can't put a message that is larger into the queue, and says so to nobody.
        case smallMessages = "queue-small-messages"
        case shortVisibility = "queue-short-visibility"
    }

    package enum Severity: String, Sendable {
        /// It does not work.
        case failure
        /// It works, and may lose notices.
        case warning
    }

    package let code: Code
    package let severity: Severity
    /// What is wrong, and what to do.
    package let message: String

    package var description: String { "\(code.rawValue): \(message)" }
}

/// What a look at a queue brought.
package struct QueueReport: Sendable, Equatable {
    package var findings: [QueueFinding] = []
    /// nil where they can't be read.
    package var attributes: SQSAttributes?

    package init() {}
}

/// Looks at a queue as the agent would use it.
package struct QueueDoctor: Sendable {
    /// What S3 documents no bound for: 256 KiB was the most that SQS took, and the default of every queue, until 2025, and
    /// is what SNS takes still, so no event that S3 sends by either is larger.
    package static let messageSize = 256 << 10
    /// SQS's default: messages are extended when half of it is over, and 15 s outlast a slow disk or network.
    package static let visibility = Duration.seconds(30)
    /// A message is received again after each kill of the agent while it was in hand.
    package static let receives = 3

    private let queue: SQSQueue

    package init(queue: SQSQueue) {
        self.queue = queue
    }

    /// Reads what the queue is set to and receives from it; a message that comes is at once visible again.
    package func examine() async -> QueueReport {
        var report = QueueReport()
        do {
            let attributes = try await queue.attributes()
            report.attributes = attributes
            report.findings += Self.findings(attributes)
        } catch {
            let denied = error.code == .denied
            let message = "\(error.message)\(denied ? "; allow sqs:GetQueueAttributes to have the queue checked" : "")"
            report.findings.append(.init(code: .attributesUnreadable, severity: .warning, message: message))
        }
        do {
            // A queue that sends a message away after one receipt would lose it to this look.
            if report.attributes?.maxReceiveCount ?? Int.max > 1 {
                _ = try await queue.receive(limit: 1, wait: .zero, visibility: .zero)
            }
        } catch {
            report.findings.append(.init(code: .cannotReceive, severity: .failure, message: error.message))
        }
        return report
    }

    /// What is to be said about a queue's settings.
    private static func findings(_ attributes: SQSAttributes) -> [QueueFinding] {
        var findings: [QueueFinding] = []
        func warn(_ code: QueueFinding.Code, _ message: String) {
            findings.append(QueueFinding(code: code, severity: .warning, message: message))
        }
        if attributes.deadLetterQueue == nil {
            warn(
                .noDeadLetterQueue,
                "the queue has no dead-letter queue: a message that can't be taken up is lost when it is too old; "
                    + "set a RedrivePolicy with a maxReceiveCount of 5 or more"
            )
        } else if let count = attributes.maxReceiveCount, count < receives {
            warn(
                .fewReceives,
                "a message goes to the dead-letter queue after \(count) receipts, which a restart of the agent may use "
                    + "up; set the RedrivePolicy's maxReceiveCount to 5 or more"
            )
        }
        if let size = attributes.maximumMessageSize, size < messageSize {
            warn(
                .smallMessages,
                "the queue takes messages of up to \(size) bytes, and S3 drops an event that does not fit; "
                    + "set MaximumMessageSize to \(messageSize) or more"
            )
        }
        if let timeout = attributes.visibilityTimeout, timeout < visibility {
            warn(
                .shortVisibility,
                "messages show up again after \(timeout.components.seconds) s, which is too short to keep them unseen "
                    + "reliably; set VisibilityTimeout to \(visibility.components.seconds) or more"
            )
        }
        return findings
    }
}
