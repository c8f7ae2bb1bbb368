import HTTPTransfer
import Subprocess
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What a caller learns when there is no answer, and what becomes of the connection.
@Suite(.timeLimit(.minutes(10)))
struct HTTPFailureTests {
    private static let settings = HTTPSettings(usesEnvironmentProxy: false)

    private func failure(
        _ request: HTTPRequest,
        settings: HTTPSettings = Self.settings
    ) async throws -> HTTPError? {
        let client = try HTTPClient(settings: settings)
        return await #expect(throws: HTTPError.self) { try await client.send(request) }
    }

    @Test
    func aSlowAnswerTimesOut() async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(totalTimeout: .milliseconds(200), usesEnvironmentProxy: false)
            let error = try await failure(HTTPRequest(url: "\(receiver.url)/hang"), settings: settings)
            #expect(error?.code == .timeout)
            #expect(error?.curlCode == 28)
            #expect(error?.message.contains("timed out") == true)
        }
    }

    @Test
    func waitingForASlotDoesNotTimeOut() async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(
                connectTimeout: .seconds(1),
                totalTimeout: .seconds(1),
                connectionsPerHost: 1,
                usesEnvironmentProxy: false
            )
            let client = try HTTPClient(settings: settings)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        try await client.send(HTTPRequest(url: "\(receiver.url)/pause/0.4")).status
                    }
                }
                for try await status in group {
                    #expect(status == 200)
                }
            }
        }
    }

    @Test
    func aCancelledTaskReturnsAtOnceAndClosesItsConnection() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let hanging = Task { try await client.send(HTTPRequest(url: "\(receiver.url)/hang")) }
            let began = try await client.send(HTTPRequest(url: "\(receiver.url)/await-hanging/1"))
            #expect(began.status == 200)
            hanging.cancel()
            let result = await hanging.result
            let error = #expect(throws: HTTPError.self) { try result.get() }
            #expect(error?.code == .cancelled)
            let noticed = try await client.send(HTTPRequest(url: "\(receiver.url)/await-aborted/1"))
            #expect(noticed.status == 200)
        }
    }

    @Test
    func aTaskThatWaitsForASlotCanBeCancelled() async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(connectionsPerHost: 1, usesEnvironmentProxy: false)
            let client = try HTTPClient(settings: settings)
            let observer = try HTTPClient(settings: Self.settings)
            let hanging = Task { try await client.send(HTTPRequest(url: "\(receiver.url)/hang")) }
            _ = try await observer.send(HTTPRequest(url: "\(receiver.url)/await-hanging/1"))
            let waiting = Task { try await client.send(HTTPRequest(url: "\(receiver.url)/status/200")) }
            let next = Task { try await client.send(HTTPRequest(url: "\(receiver.url)/status/201")) }
            waiting.cancel()
            let result = await waiting.result
            #expect(throws: HTTPError.cancelled) { try result.get() }
            hanging.cancel()
            let response = try await next.value
            #expect(response.status == 201)
        }
    }

    @Test
    func aTaskThatIsCancelledBeforehandSendsNothing() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.send(HTTPRequest(url: "\(receiver.url)/status/200"))
            }
            let result = await task.result
            #expect(throws: HTTPError.cancelled) { try result.get() }
            let response = try await client.send(HTTPRequest(url: "\(receiver.url)/connections"))
            #expect(response.body == Array("1".utf8))
        }
    }

    @Test
    func aRefusedConnectionSaysSo() async throws {
        let port = try ClosedPort()
        let error = try await failure(HTTPRequest(url: "http://127.0.0.1:\(port.number)/"))
        #expect(error?.code == .connect)
        #expect(error?.curlCode == 7)
    }

    @Test
    func aNameThatCannotExistDoesNotResolve() async throws {
        // RFC 6761, section 6.4.
        let error = try await failure(HTTPRequest(url: "http://swathlog.invalid/"))
        #expect(error?.code == .resolve)
    }

    @Test(arguments: [
        HTTPRequest(url: "ftp://127.0.0.1/"),
        HTTPRequest(url: "file:///etc/passwd"),
        HTTPRequest(url: "127.0.0.1/no-scheme"),
        HTTPRequest(url: "http://a b/"),
        HTTPRequest(url: "http://127.0.0.1/\0"),
        HTTPRequest(url: ""),
        HTTPRequest(method: "GET /x HTTP/1.1\r\nX: y", url: "http://127.0.0.1/"),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X", "a\r\nInjected: yes")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X: y", "a")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("", "a")]),
    ])
    func whatCannotBeSentIsRefused(request: HTTPRequest) async throws {
        let error = try await failure(request)
        #expect(error?.code == .invalidRequest)
    }

    @Test
    func certificatesAreVerified() async throws {
        let pem = try await SelfSigned.make()
        defer { unlink(pem) }
        try await Receiver.run(pem: pem) { receiver in
            let request = HTTPRequest(url: "\(receiver.url)/status/200")
            let error = try await failure(request)
            #expect(error?.code == .tls)
            let trusting = HTTPSettings(caBundle: pem, usesEnvironmentProxy: false)
            let response = try await HTTPClient(settings: trusting).send(request)
            #expect(response.status == 200)
        }
    }

    @Test
    func shuttingDownFailsWhatIsUnderWayAndWhatFollows() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let hanging = Task { try await client.send(HTTPRequest(url: "\(receiver.url)/hang")) }
            _ = try await client.send(HTTPRequest(url: "\(receiver.url)/await-hanging/1"))
            await client.shutdown()
            let result = await hanging.result
            let error = #expect(throws: HTTPError.self) { try result.get() }
            #expect(error?.code == .cancelled)
            let later = await #expect(throws: HTTPError.self) {
                try await client.send(HTTPRequest(url: "\(receiver.url)/status/200"))
            }
            #expect(later?.code == .cancelled)
            await client.shutdown()
            // The server sees the connection go.
            let observer = try HTTPClient(settings: Self.settings)
            let noticed = try await observer.send(HTTPRequest(url: "\(receiver.url)/await-aborted/1"))
            #expect(noticed.status == 200)
        }
    }

    @Test
    func cancellationsAtAnyInstantLoseNoAnswer() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        let task = Task {
                            try await client.send(HTTPRequest(url: "\(receiver.url)/status/200"))
                        }
                        for _ in 0..<(index % 30) {
                            await Task.yield()
                        }
                        task.cancel()
                        switch await task.result {
                        case .success(let response): return response.status == 200
                        case .failure(let error): return (error as? HTTPError)?.code == .cancelled
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 300 && outcomes.allSatisfy { $0 })
            let response = try await client.send(HTTPRequest(url: "\(receiver.url)/status/200"))
            #expect(response.status == 200)
        }
    }
}
