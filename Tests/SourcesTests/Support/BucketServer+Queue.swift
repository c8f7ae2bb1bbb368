import Foundation
import TestSupport

extension BucketServer {
    /// Makes a queue that the bucket tells of its objects.
    func makeTellingQueue() async throws -> String {
        let made = try await makeQueue("changes")
        let configuration: [String: any Sendable] = [
            "QueueConfigurations": [
                [
                    "QueueArn": "arn:aws:sqs:us-east-1:123456789012:changes", "Events": ["s3:ObjectCreated:*"],
                ] as [String: any Sendable]
            ]
        ]
        let arguments: [String: any Sendable] = [
            "Bucket": BucketStation.bucket, "NotificationConfiguration": configuration,
        ]
        try await call(("s3", "put_bucket_notification_configuration", arguments))
        return made
    }

    /// Makes a queue that nobody writes to.
    func makeQueue(_ name: String) async throws -> String {
        try await call(("sqs", "create_queue", ["QueueName": name]))[0]["QueueUrl"].text
    }

    /// The messages that are in a queue, whether somebody has taken them or not.
    func messageCount(in queue: String) async throws -> Int {
        let arguments: [String: any Sendable] = ["QueueUrl": queue, "AttributeNames": ["All"]]
        let attributes = try await call(("sqs", "get_queue_attributes", arguments))[0]["Attributes"]
        return ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            .reduce(0) { $0 + (Int(attributes[$1].text) ?? 0) }
    }

    /// Takes messages that tell of objects from a queue until there are so many, and returns their texts, each once.
    ///
    /// The bucket's `s3:TestEvent`, which tells that it has been set up, is left out.
    func takeMessages(_ count: Int, from queue: String) async throws -> [String] {
        let arguments: [String: any Sendable] = ["QueueUrl": queue, "MaxNumberOfMessages": 10]
        var texts: [String: String] = [:]
        try await eventually("\(count) messages") {
            let calls = (0...(count - texts.count) / 10).map { _ -> Call in ("sqs", "receive_message", arguments) }
            let messages = try await call(calls).list.flatMap { $0["Messages"].list }
            for message in messages where message["Body"].text.contains("\"Records\"") {
                texts[message["MessageId"].text] = message["Body"].text
            }
            return texts.count >= count
        }
        return texts.sorted { $0.key < $1.key }.map(\.value)
    }

    func send(_ texts: [String], to queue: String) async throws {
        try await call(texts.map { ("sqs", "send_message", ["QueueUrl": queue, "MessageBody": $0]) })
    }
}
