package import Events
package import HTTPTransfer

/// Speaks to one queue of Amazon SQS, or of what speaks like it, in the AWS JSON protocol.
///
/// One call is one request; who retries is the caller. Source: "Making Query API requests using AWS JSON protocol in
/// Amazon SQS" (Amazon SQS developer guide) and the API reference of each action.
package struct SQSQueue: Sendable {
    /// SQS takes and gives no more messages in one request.
    package static let batchLimit = 10
    /// The longest that SQS keeps a request waiting for a message.
    package static let longestWait = Duration.seconds(20)
    /// The longest that a message can stay unseen.
    package static let longestVisibility = Duration.seconds(43_200)

    /// What an HTTP client needs: room for ten messages of 1 MiB, escaped.
    package static let httpSettings = HTTPSettings(bodyLimit: 32 << 20)

    package let location: SQSLocation
    private let requests: SignedRequests

    /// - Parameters:
    ///   - http: a client with room for ten messages: see `httpSettings`.
    ///   - credentials: nil for requests that go unsigned.
    package init(
        location: SQSLocation,
        http: HTTPClient,
        credentials: CredentialsProvider?,
        time: any TimeSource = SystemTime()
    ) {
        self.location = location
        requests = SignedRequests(service: "sqs", http: http, credentials: credentials, time: time)
    }

    /// Receives messages, and waits for the first one.
    ///
    /// - Parameter visibility: how long others don't see them; nil: as the queue is set.
    package func receive(
        limit: Int = batchLimit,
        wait: Duration = longestWait,
        visibility: Duration? = nil
    ) async throws(SQSError) -> [SQSMessage] {
        let answer = try await call("ReceiveMessage", "receive from") { body in
            body.set("MaxNumberOfMessages", min(max(limit, 1), Self.batchLimit))
            body.set("WaitTimeSeconds", Self.wholeSeconds(min(wait, Self.longestWait)))
            body.set("VisibilityTimeout", visibility.map { Self.wholeSeconds(min($0, Self.longestVisibility)) })
            body.set("MessageSystemAttributeNames", ["ApproximateReceiveCount", "SentTimestamp"])
            // What came before; servers that are not AWS may know only this one.
            body.set("AttributeNames", ["ApproximateReceiveCount", "SentTimestamp"])
        }
        guard let raw = answer.raw("Messages") else { return [] }
        return try read { () throws(EventError) -> [SQSMessage] in
            guard let array = JSONArray(raw) else { throw EventError(.badField, "'Messages' is not an array") }
            var messages: [SQSMessage] = []
            for element in array.elements { messages.append(try SQSMessage(JSONObject(Array(element)))) }
            return messages
        }
    }

    /// Deletes messages; returns the ids of those that the server did not delete.
    package func delete(_ messages: [SQSMessage]) async throws(SQSError) -> [String] {
        try await batched(messages, "DeleteMessageBatch", "delete from") { _ in }
    }

    /// Keeps messages unseen for as long from now; returns the ids of those for which the server did not.
    package func extend(_ messages: [SQSMessage], by visibility: Duration) async throws(SQSError) -> [String] {
        let seconds = Self.wholeSeconds(min(visibility, Self.longestVisibility))
        return try await batched(messages, "ChangeMessageVisibilityBatch", "extend messages of") { entry in
            entry.set("VisibilityTimeout", seconds)
        }
    }

    package func attributes() async throws(SQSError) -> SQSAttributes {
        let answer = try await call("GetQueueAttributes", "read the attributes of") { body in
            body.set("AttributeNames", ["All"])
        }
        return try read { () throws(EventError) -> SQSAttributes in
            try SQSAttributes(answer.raw("Attributes") == nil ? answer : answer.object("Attributes"))
        }
    }

    // MARK: Requests

    private func batched(
        _ messages: [SQSMessage],
        _ operation: String,
        _ action: String,
        _ fill: (inout CanonicalJSON) -> Void
    ) async throws(SQSError) -> [String] {
        var failed: [String] = []
        var start = 0
        while start < messages.count {
            let batch = messages[start..<min(start + Self.batchLimit, messages.count)]
            start = batch.endIndex
            let answer = try await call(operation, action) { body in
                // The ids of entries are only good for telling them apart in the answer.
                let entries = batch.indices.map { index in
                    CanonicalJSON { entry in
                        entry.set("Id", "m\(index)")
                        entry.set("ReceiptHandle", batch[index].receipt)
                        fill(&entry)
                    }
                }
                body.set("Entries", entries)
            }
            guard let raw = answer.raw("Failed") else { continue }
            failed += try read { () throws(EventError) -> [String] in
                guard let array = JSONArray(raw) else { throw EventError(.badField, "'Failed' is not an array") }
                var ids: [String] = []
                for element in array.elements {
                    let id = try JSONObject(Array(element)).string("Id")
                    if let index = Int(id.dropFirst()), batch.indices.contains(index) { ids.append(batch[index].id) }
                }
                return ids
            }
        }
        return failed
    }

    private func call(
        _ operation: String,
        _ action: String,
        _ fill: (inout CanonicalJSON) -> Void
    ) async throws(SQSError) -> JSONObject {
        let body = CanonicalJSON { body in
            body.set("QueueUrl", location.url)
            fill(&body)
        }
        var request = ServiceRequest(
            method: "POST",
            origin: location.endpoint,
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.\(operation)"),
                // Asks for the older protocol's error codes too, which name some errors better.
                ("X-Amzn-Query-Mode", "true"),
            ],
            body: body.bytes
        )
        // A long poll is silent for 20 s, and that is no fault.
        request.timeouts = HTTPTimeouts(idle: .seconds(40), total: .seconds(60))
        let answer: ServiceAnswer
        do {
            answer = try await requests.send(request, region: location.region)
        } catch {
            throw SQSError(error)
        }
        guard (200..<300).contains(answer.status) else {
            throw SQSError(answer, action: action, queue: location.url)
        }
        // An answer without content is as good as an empty object.
        return try read { () throws(EventError) -> JSONObject in
            try JSONObject(answer.body.isEmpty ? Array("{}".utf8) : answer.body)
        }
    }

    private func read<Value>(_ body: () throws(EventError) -> Value) throws(SQSError) -> Value {
        do {
            return try body()
        } catch {
            throw SQSError(.badAnswer, "the queue's answer is not SQS's (\(error.message)); check the endpoint")
        }
    }

    /// Rounded up: an unseen message that shows up early is told twice.
    private static func wholeSeconds(_ duration: Duration) -> Int {
        Int(max(0, (duration.microseconds + 999_999) / 1_000_000))
    }
}
