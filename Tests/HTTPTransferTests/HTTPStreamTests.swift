import HTTPTransfer
import Testing

/// What a reader of a stream may rely on, whatever the server does.
@Suite(.timeLimit(.minutes(10)))
struct HTTPStreamTests {
    private static let settings = HTTPSettings(usesEnvironmentProxy: false)
    private static let size = 64 << 20

    private func ask(_ receiver: Receiver, _ path: String) async throws -> HTTPResponse {
        try await HTTPClient(settings: Self.settings).send(HTTPRequest(url: "\(receiver.url)/\(path)"))
    }

    @Test(arguments: [0, 1, 250, 16384, 1 << 20, 10_000_019])
    func everyByteComesOnceAndInOrder(size: Int) async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stream/\(size)"))
            #expect(stream.status == 200)
            #expect(stream.header("CONTENT-LENGTH") == "\(size)")
            let reading = await Reading.of(stream.body)
            #expect(reading.error == nil && reading.matches && reading.count == size)
            #expect(reading.largestChunk <= 1 << 20)
            // The end stays the end.
            let again = await Reading.of(stream.body)
            #expect(again.error == nil && again.count == 0)
        }
    }

    @Test(arguments: [1, 1000, 16384, 100_000])
    func aBufferOfAnySizePassesEverythingOn(streamBuffer: Int) async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(streamBuffer: streamBuffer, usesEnvironmentProxy: false)
            let client = try HTTPClient(settings: settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stream/3000000"))
            let reading = await Reading.of(stream.body)
            #expect(reading.error == nil && reading.matches && reading.count == 3_000_000)
        }
    }

    @Test(arguments: [204, 302, 404, 503])
    func theHeadIsThereWhateverTheStatus(status: Int) async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/status/\(status)"))
            #expect(stream.status == status)
            _ = await Reading.of(stream.body)
        }
    }

    @Test
    func theHeadComesBeforeTheBodyAndWithoutInterimAnswers() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let stalled = try await client.open(HTTPRequest(url: "\(receiver.url)/stall/100/0"))
            #expect(stalled.status == 200 && stalled.header("content-length") == "100")
            let interim = try await client.open(HTTPRequest(url: "\(receiver.url)/interim"))
            #expect(interim.status == 200 && interim.header("x-final") == "yes" && interim.header("link") == nil)
        }
    }

    @Test
    func aServerIsHeldBackByASlowReader() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stream/\(Self.size)"))
            var iterator = stream.body.makeAsyncIterator()
            let first = try #require(try await iterator.next())
            // What the server could send by then is in the kernel's buffers and in the stream's.
            let sent = try await ask(receiver, "await-blocked/0.5")
            let count = try #require(Int(String(decoding: sent.body, as: UTF8.self)))
            #expect(count < Self.size / 2)
            #expect(Pattern.matches(first, at: 0))
            var taken = first.count
            while let chunk = try await iterator.next() {
                #expect(Pattern.matches(chunk, at: taken))
                taken += chunk.count
            }
            #expect(taken == Self.size)
        }
    }

    // MARK: Broken connections

    @Test
    func aCutConnectionGivesWhatCameAndThenTheError() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            for tenth in 0..<10 {
                let cut = 300_000 * tenth + tenth
                let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/cut/3000000/\(cut)"))
                let reading = await Reading.of(stream.body)
                #expect(reading.count == cut && reading.matches)
                #expect(reading.error?.curlCode == 18)
                // The error stays: a second look must not take the part for the whole.
                #expect(await Reading.of(stream.body).error?.curlCode == 18)
            }
        }
    }

    @Test(arguments: [0, 1, 100_000])
    func aStallTimesOut(after count: Int) async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(idleTimeout: .milliseconds(300), usesEnvironmentProxy: false)
            let client = try HTTPClient(settings: settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stall/200000/\(count)"))
            let reading = await Reading.of(stream.body)
            #expect(reading.count == count && reading.matches)
            #expect(reading.error?.code == .timeout && reading.error?.curlCode == 28)
            #expect(try await ask(receiver, "await-aborted/1").status == 200)
        }
    }

    @Test
    func anAnswerThatDoesNotBeginTimesOut() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let request = HTTPRequest(
                url: "\(receiver.url)/hang",
                timeouts: HTTPTimeouts(idle: .milliseconds(300))
            )
            let opened = await #expect(throws: HTTPError.self) { try await client.open(request) }
            #expect(opened?.code == .timeout && opened?.curlCode == 28)
            let sent = await #expect(throws: HTTPError.self) { try await client.send(request) }
            #expect(sent?.code == .timeout && sent?.message.contains("no byte") == true)
        }
    }

    @Test
    func aSlowReaderIsNotIdle() async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(idleTimeout: .milliseconds(500), usesEnvironmentProxy: false)
            let client = try HTTPClient(settings: settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stream/\(Self.size)"))
            var iterator = stream.body.makeAsyncIterator()
            let first = try #require(try await iterator.next())
            _ = try await ask(receiver, "await-blocked/1.5")
            var taken = first.count
            while let chunk = try await iterator.next() {
                taken += chunk.count
            }
            #expect(taken == Self.size)
        }
    }

    @Test
    func aTrickleIsNotIdle() async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(idleTimeout: .seconds(2), usesEnvironmentProxy: false)
            let client = try HTTPClient(settings: settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/trickle/25/0.1"))
            let reading = await Reading.of(stream.body)
            #expect(reading.count == 25 && reading.error == nil)
        }
    }

    @Test
    func theTotalTimeEndsAStreamOnlyWhereItsRequestSaysSo() async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(totalTimeout: .milliseconds(400), usesEnvironmentProxy: false)
            let client = try HTTPClient(settings: settings)
            let free = try await client.open(HTTPRequest(url: "\(receiver.url)/trickle/8/0.1"))
            #expect(await Reading.of(free.body).count == 8)
            let bound = HTTPRequest(
                url: "\(receiver.url)/stall/10/1",
                timeouts: HTTPTimeouts(total: .milliseconds(200))
            )
            let reading = await Reading.of(try await client.open(bound).body)
            #expect(reading.count == 1 && reading.error?.code == .timeout)
        }
    }

    @Test
    func aHandshakeThatIsNotAnsweredTimesOut() async throws {
        let port = try SilentPort()
        let client = try HTTPClient(settings: Self.settings)
        let request = HTTPRequest(
            url: "https://127.0.0.1:\(port.number)/",
            timeouts: HTTPTimeouts(connect: .milliseconds(200))
        )
        let error = await #expect(throws: HTTPError.self) { try await client.open(request) }
        #expect(error?.code == .timeout && error?.curlCode == 28)
    }

    // MARK: Ends that the reader makes

    @Test
    func cancellingTheReaderClosesTheConnection() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stall/1000/10"))
            let reader = Task { await Reading.of(stream.body) }
            _ = try await ask(receiver, "await-hanging/1")
            reader.cancel()
            let reading = await reader.value
            #expect(reading.error == .cancelled)
            #expect(try await ask(receiver, "await-aborted/1").status == 200)
            #expect(await Reading.of(stream.body).error == .cancelled)
        }
    }

    @Test
    func cancellingWhileOpeningClosesTheConnection() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let opening = Task { try await client.open(HTTPRequest(url: "\(receiver.url)/hang")) }
            _ = try await ask(receiver, "await-hanging/1")
            opening.cancel()
            let result = await opening.result
            #expect(throws: HTTPError.cancelled) { try result.get() }
            #expect(try await ask(receiver, "await-aborted/1").status == 200)
        }
    }

    @Test
    func droppingAStreamClosesTheConnectionAndFreesItsSlot() async throws {
        try await Receiver.run { receiver in
            let settings = HTTPSettings(connectionsPerHost: 1, usesEnvironmentProxy: false)
            let client = try HTTPClient(settings: settings)
            for count in 1...3 {
                // A client with one slot gets to the next stream only if the one before gave it back.
                try await openAndDrop("\(receiver.url)/stall/1000000/500000", by: client)
                #expect(try await ask(receiver, "await-aborted/\(count)").status == 200)
            }
        }
    }

    /// In a function of its own, so that the stream's life ends with it.
    @inline(never)
    private func openAndDrop(_ url: String, by client: HTTPClient) async throws {
        let stream = try await client.open(HTTPRequest(url: url))
        #expect(stream.status == 200)
    }

    @Test
    func aStreamKeepsItsClient() async throws {
        try await Receiver.run { receiver in
            var client: HTTPClient? = try HTTPClient(settings: Self.settings)
            let stream = try #require(try await client?.open(HTTPRequest(url: "\(receiver.url)/stream/3000000")))
            client = nil
            #expect(await Reading.of(stream.body).count == 3_000_000)
        }
    }

    @Test
    func shuttingDownBreaksAStream() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stall/1000/10"))
            await client.shutdown()
            #expect(await Reading.of(stream.body).error == .shutDown)
        }
    }

    @Test
    func cancellationsAtAnyInstantLeaveASoundClient() async throws {
        try await Receiver.run { receiver in
            let client = try HTTPClient(settings: Self.settings)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let task = Task { () async throws(HTTPError) -> Reading in
                            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stream/700000"))
                            return await Reading.of(stream.body)
                        }
                        for _ in 0..<(index % 50) {
                            await Task.yield()
                        }
                        task.cancel()
                        switch await task.result {
                        case .success(let reading):
                            return reading.matches && (reading.count == 700_000 || reading.error == .cancelled)
                        case .failure(let error):
                            return (error as? HTTPError) == .cancelled
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 200 && outcomes.allSatisfy { $0 })
            let stream = try await client.open(HTTPRequest(url: "\(receiver.url)/stream/700000"))
            #expect(await Reading.of(stream.body).count == 700_000)
        }
    }
}
