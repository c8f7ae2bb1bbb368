import HTTPTransfer
import Intake
import ObjectStores
import TestSupport
import Testing

@Suite("Where a queue is, and when it is asked again")
struct SQSQueueTests {
    @Test(
        "endpoint and region follow from the queue's URL",
        arguments: [
            (
                "https://sqs.eu-central-1.amazonaws.com/123456789012/images", "https://sqs.eu-central-1.amazonaws.com",
                "eu-central-1"
            ),
            (
                "https://eu-west-1.queue.amazonaws.com/123456789012/images", "https://eu-west-1.queue.amazonaws.com",
                "eu-west-1"
            ),
            (
                "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "https://sqs.cn-north-1.amazonaws.com.cn",
                "cn-north-1"
            ),
            (
                "https://vpce-0a-1b.sqs.us-east-2.vpce.amazonaws.com/123456789012/q",
                "https://vpce-0a-1b.sqs.us-east-2.vpce.amazonaws.com", "us-east-2"
            ),
            ("https://queue.amazonaws.com/123456789012/q", "https://queue.amazonaws.com", "us-east-1"),
            ("http://127.0.0.1:9324/000000000000/q", "http://127.0.0.1:9324", "us-east-1"),
            ("HTTPS://Sqs.us-west-2.amazonaws.com:443/1/q.fifo", "https://sqs.us-west-2.amazonaws.com", "us-west-2"),
        ]
    )
    func location(url: String, endpoint: String, region: String) throws {
        let location = try SQSLocation(url: url)
        #expect(location.endpoint == endpoint && location.region == region && location.url == url)
        let elsewhere = try SQSLocation(url: url, endpoint: "https://vpce-1.sqs.example.com/x", region: "r")
        #expect(elsewhere.endpoint == "https://vpce-1.sqs.example.com" && elsewhere.region == "r")
    }

    @Test(
        "what is no queue's URL is refused",
        arguments: [
            "", "images", "sqs://x/y", "https://", "https://host", "https://user@host/q", "https://host/a b",
            "https:///q",
        ]
    )
    func noLocation(url: String) {
        #expect { try SQSLocation(url: url) } throws: { ($0 as? SQSError)?.code == .badRequest }
    }

    @Test(
        "a server that is not there is a transport error, and one that is no SQS a bad answer",
        .timeLimit(.minutes(1))
    )
    func nobody() async throws {
        let queue = try Moto.queue("http://127.0.0.1:1/1/q", endpoint: nil)
        await #expect { try await queue.receive(wait: .zero) } throws: { ($0 as? SQSError)?.code == .transport }
    }
}
