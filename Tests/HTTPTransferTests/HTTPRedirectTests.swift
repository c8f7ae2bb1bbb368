import HTTPTransfer
import Testing

/// Where a request goes when the server sends it elsewhere.
@Suite(.timeLimit(.minutes(10)))
struct HTTPRedirectTests {
    private static let settings = HTTPSettings(usesEnvironmentProxy: false, maxRedirects: 3)

    @Test(arguments: [0, 1, 3])
    func redirectsAreFollowedUpToTheLimit(hops: Int) async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let request = HTTPRequest(url: "\(receiver.url)/hop/\(hops)")
            let response = try await client.send(request)
            #expect(response.status == 200 && response.body == Array("there".utf8))
            #expect(response.header("location") == nil)
            let stream = try await client.open(request)
            #expect(stream.status == 200 && stream.header("location") == nil)
            #expect(try await stream.body.reduce(into: []) { $0 += $1 } == Array("there".utf8))
        }
    }

    @Test
    func oneMoreRedirectIsAnError() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let request = HTTPRequest(url: "\(receiver.url)/hop/4")
            let sent = await #expect(throws: HTTPError.self) { try await client.send(request) }
            #expect(sent?.curlCode == 47)
            let opened = await #expect(throws: HTTPError.self) { try await client.open(request) }
            #expect(opened?.curlCode == 47)
        }
    }

    @Test
    func aRequestMayWantNoneAndAMethodThatChangesSomethingGetsNone() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let url = "\(receiver.url)/hop/1"
            for request in [HTTPRequest(url: url, maxRedirects: 0), HTTPRequest(method: "POST", url: url)] {
                let stream = try await client.open(request)
                #expect(stream.status == 302 && stream.header("location") == "/hop/0")
                #expect(try await stream.body.reduce(into: []) { $0 += $1 } == Array("on".utf8))
            }
        }
    }

    @Test
    func anotherHostDoesNotGetTheCredentials() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let request = HTTPRequest(
                url: "\(receiver.url)/away",
                headers: [("Authorization", "Bearer secret"), ("X-Kept", "yes")]
            )
            let response = try await client.send(request)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(response.status == 200 && text.contains("Host: localhost") && text.contains("X-Kept: yes"))
            #expect(!text.contains("secret"))
        }
    }

    @Test
    func onlyHTTPIsFollowed() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let error = await #expect(throws: HTTPError.self) {
                try await client.send(HTTPRequest(url: "\(receiver.url)/to-a-file"))
            }
            #expect(error?.code == .invalidRequest)
        }
    }
}
