import HTTPTransfer
import Testing

/// What a caller of the client may rely on, against a real server.
@Suite(.timeLimit(.minutes(10)))
struct HTTPClientTests {
    private static let settings = HTTPSettings(usesEnvironmentProxy: false)

    @Test(arguments: [200, 204, 302, 404, 500, 503])
    func everyStatusIsAnAnswer(status: Int) async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let response = try await client.send(HTTPRequest(url: "\(receiver.url)/status/\(status)"))
            #expect(response.status == status)
            #expect(response.seconds > 0)
        }
    }

    @Test
    func theRequestArrivesAsItWasWritten() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let request = HTTPRequest(
                method: "POST",
                url: "\(receiver.url)/echo/a%20b?c=d",
                headers: [("webhook-id", "msg_1"), ("X-Empty", ""), ("Content-Type", "application/json")],
                body: Array("{\"ü\":\0}".utf8)
            )
            let response = try await client.send(request)
            let text = String(decoding: response.body, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.first == "POST /echo/a%20b?c=d")
            #expect(lines.contains("webhook-id: msg_1"))
            #expect(lines.contains("X-Empty: "))
            #expect(lines.contains("Content-Type: application/json"))
            #expect(lines.contains("User-Agent: swathlog"))
            #expect(lines.contains("Content-Length: 8"))
            #expect(text.hasSuffix("\n\n{\"ü\":\0}"))
            #expect(response.headers.filter { $0.name == "X-Twice" }.map(\.value) == ["one", "two"])
            #expect(response.header("x-twice") == "one")
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "GET", "PATCHED"])
    func anEmptyBodyIsSentAsNone(method: String) async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let response = try await client.send(HTTPRequest(method: method, url: "\(receiver.url)/echo"))
            let text = String(decoding: response.body, as: UTF8.self)
            if method == "PATCHED" {
                #expect(response.status == 501)
            } else {
                #expect(text.hasPrefix("\(method) /echo\n"))
                #expect(text.contains("Content-Length: 0") == (method == "POST" || method == "PUT"))
                #expect(!text.lowercased().contains("content-type"))
            }
        }
    }

    @Test
    func aLargeBodyIsSentWithoutWaitingForLeave() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(
                settings: HTTPSettings(bodyLimit: 4 << 20, usesEnvironmentProxy: false)
            )
            let body = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let request = HTTPRequest(method: "PUT", url: "\(receiver.url)/echo", body: body)
            let response = try await client.send(request)
            #expect(response.body.suffix(body.count) == body[...])
            #expect(!String(decoding: response.body.prefix(500), as: UTF8.self).contains("Expect"))
        }
    }

    @Test
    func headHasHeadersAndNoBody() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let response = try await client.send(
                HTTPRequest(method: "HEAD", url: "\(receiver.url)/bytes/1024")
            )
            #expect(response.header("content-length") == "1024")
            #expect(response.body.isEmpty && !response.bodyTruncated)
        }
    }

    @Test
    func interimAnswersLeaveNoHeaders() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let response = try await client.send(HTTPRequest(url: "\(receiver.url)/interim"))
            #expect(response.status == 200)
            #expect(response.header("link") == nil)
            #expect(response.header("x-final") == "yes")
            #expect(response.body == Array("final".utf8))
        }
    }

    @Test
    func redirectsAreNotFollowed() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let response = try await client.send(HTTPRequest(url: "\(receiver.url)/redirect"))
            #expect(response.status == 302)
            #expect(response.header("location") == "/status/200")
        }
    }

    @Test
    func aBodyBeyondTheLimitIsCut() async throws {
        try await Receiver.run { receiver in
            let size = 10 << 20
            let expected = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
            let small = try HTTPClient(settings: HTTPSettings(bodyLimit: 1000, usesEnvironmentProxy: false))
            let cut = try await small.send(HTTPRequest(url: "\(receiver.url)/bytes/\(size)"))
            #expect(cut.status == 200 && cut.bodyTruncated)
            #expect(cut.body == expected)
            let large = try HTTPClient(settings: HTTPSettings(bodyLimit: size, usesEnvironmentProxy: false))
            let whole = try await large.send(HTTPRequest(url: "\(receiver.url)/bytes/\(size)"))
            #expect(whole.body.count == size && !whole.bodyTruncated)
            #expect(whole.body.suffix(1000).first == UInt8(truncatingIfNeeded: size - 1000))
        }
    }

    @Test
    func headersBeyondAllMeasureAreRefused() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let error = await #expect(throws: HTTPError.self) {
                try await client.send(HTTPRequest(url: "\(receiver.url)/many-headers"))
            }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test
    func connectionsAreReused() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            for _ in 0..<2 {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<200 {
                        group.addTask {
                            try await client.send(HTTPRequest(url: "\(receiver.url)/status/200")).status
                        }
                    }
                    var answers = 0
                    for try await status in group where status == 200 {
                        answers += 1
                    }
                    #expect(answers == 200)
                }
            }
            let response = try await client.send(HTTPRequest(url: "\(receiver.url)/connections"))
            let connections = try #require(Int(String(decoding: response.body, as: UTF8.self)))
            #expect(connections <= 16)
        }
    }
}
