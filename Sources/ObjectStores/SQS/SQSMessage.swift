package import Events

/// One message as it was received; it stays in the queue, unseen by others for a while, until it is deleted.
package struct SQSMessage: Sendable, Equatable {
    package let id: String
    /// Names this receipt of the message; needed to delete it or to keep it unseen.
    package let receipt: String
    package let body: [UInt8]
    /// How often it has been received, this time included; 0 where the server does not say.
    package let receiveCount: Int
    package let sentAt: Timestamp?

    package init(id: String, receipt: String, body: [UInt8], receiveCount: Int = 0, sentAt: Timestamp? = nil) {
        self.id = id
        self.receipt = receipt
        self.body = body
        self.receiveCount = receiveCount
        self.sentAt = sentAt
    }

    /// Reads an element of `Messages`; a body that is no valid string is kept as it was sent.
    init(_ object: JSONObject) throws(EventError) {
        id = try object.string("MessageId")
        receipt = try object.string("ReceiptHandle")
        let raw = object.raw("Body") ?? []
        if let text = try? object.string("Body") { body = Array(text.utf8) } else { body = raw }
        let attributes = object.raw("Attributes") == nil ? nil : try object.object("Attributes")
        receiveCount = (try attributes?.optionalString("ApproximateReceiveCount")).flatMap(Int.init) ?? 0
        let milliseconds = (try attributes?.optionalString("SentTimestamp")).flatMap(Int64.init)
        sentAt = milliseconds.flatMap { $0 < 1 << 50 ? Timestamp(microseconds: $0 * 1_000) : nil }
    }
}

/// What a queue says about itself.
package struct SQSAttributes: Sendable, Equatable {
    package let arn: String?
    /// Messages that wait.
    package let visible: Int?
    /// Messages that were received and are neither deleted nor visible again.
    package let inFlight: Int?
    /// Messages that become visible later.
    package let delayed: Int?
    package let visibilityTimeout: Duration?
    /// Bytes.
    package let maximumMessageSize: Int?
    /// How long a message is kept that nobody deletes.
    package let retention: Duration?
    /// The queue that messages are moved to which were received too often; nil where there is none.
    package let deadLetterQueue: String?
    /// How often a message is received before it is moved there.
    package let maxReceiveCount: Int?

    init(_ object: JSONObject) throws(EventError) {
        func number(_ name: String) throws(EventError) -> Int? { try object.optionalString(name).flatMap(Int.init) }
        arn = try object.optionalString("QueueArn")
        visible = try number("ApproximateNumberOfMessages")
        inFlight = try number("ApproximateNumberOfMessagesNotVisible")
        delayed = try number("ApproximateNumberOfMessagesDelayed")
        visibilityTimeout = try number("VisibilityTimeout").map { .seconds($0) }
        maximumMessageSize = try number("MaximumMessageSize")
        retention = try number("MessageRetentionPeriod").map { .seconds($0) }
        let policy = try object.optionalString("RedrivePolicy").flatMap { text -> JSONObject? in
            try? JSONObject(Array(text.utf8))
        }
        deadLetterQueue = try policy?.optionalString("deadLetterTargetArn")
        // The number is a string in policies that were written so.
        let count = policy?.raw("maxReceiveCount").map { String(decoding: $0, as: UTF8.self).filter { $0 != "\"" } }
        maxReceiveCount = count.flatMap { Int($0) }
    }
}
