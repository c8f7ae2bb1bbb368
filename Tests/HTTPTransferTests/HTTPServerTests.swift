import Foundation
import HTTPTransfer
import TestSupport
import Testing

/// Streams from servers that were written by others, over HTTP/1.1 and over HTTP/2 with TLS.
@Suite(.timeLimit(.minutes(10)), .serialized)
struct HTTPServerTests {
    /// Makes a file of zeros that takes no room.
    private func sparseFile(_ path: String, size: Int) throws {
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: UInt64(size))
        try handle.close()
    }

    private func residentMegabytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.filter(\.isNumber))) / 1024
    }

    @Test(arguments: [false, true])
    func aGigabyteNeedsLittleMemory(tls: Bool) async throws {
        try await Nginx.run(tls: tls) { server in
            let size = 1 << 30
            try sparseFile(server.file("zeros"), size: size)
            let client = try HTTPClient(settings: server.settings)
            let stream = try await client.open(HTTPRequest(url: "\(server.url)/zeros"))
            #expect(stream.status == 200 && stream.header("content-length") == "\(size)")
            #expect(stream.header("x-protocol") == (tls ? "HTTP/2.0" : "HTTP/1.1"))
            let before = try residentMegabytes()
            var most = before
            var count = 0
            var sum = 0
            for try await chunk in stream.body {
                // A reader that is slower than the network.
                for index in stride(from: 0, to: chunk.count, by: 64) {
                    sum += Int(chunk[index])
                }
                if count >> 24 != (count + chunk.count) >> 24 {
                    most = max(most, try residentMegabytes())
                }
                count += chunk.count
            }
            #expect(count == size && sum == 0)
            // The other tests of this process are in it too.
            #expect(most - before < 200)
        }
    }

    @Test(arguments: [false, true])
    func manyRequestsNeedFewConnections(tls: Bool) async throws {
        try await Nginx.run(tls: tls) { server in
            try sparseFile(server.file("zeros"), size: 100_000)
            let client = try HTTPClient(settings: server.settings)
            let answers = try await withThrowingTaskGroup(of: (Int, String, String).self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        let stream = try await client.open(HTTPRequest(url: "\(server.url)/zeros"))
                        let count = try await stream.body.reduce(0) { $0 + $1.count }
                        return (count, stream.header("x-protocol") ?? "", stream.header("x-connection") ?? "")
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 200 && answers.allSatisfy { $0.0 == 100_000 })
            #expect(Set(answers.map(\.1)) == [tls ? "HTTP/2.0" : "HTTP/1.1"])
            let connections = Set(answers.map(\.2)).count
            #expect(connections <= (tls ? 1 : 16))
        }
    }

    @Test
    func aReaderThatRestsHoldsUpNobodyElse() async throws {
        try await Nginx.run(tls: true) { server in
            let size = 100 << 20
            try sparseFile(server.file("zeros"), size: size)
            let client = try HTTPClient(settings: server.settings)
            let request = HTTPRequest(url: "\(server.url)/zeros")
            let resting = try await client.open(request)
            var rest = resting.body.makeAsyncIterator()
            var count = try #require(try await rest.next()).count
            for _ in 0..<3 {
                let other = try await client.open(request)
                #expect(other.header("x-connection") == resting.header("x-connection"))
                #expect(try await other.body.reduce(0) { $0 + $1.count } == size)
            }
            while let chunk = try await rest.next() {
                count += chunk.count
            }
            #expect(count == size)
        }
    }

    @Test
    func http2CanBeTurnedOff() async throws {
        try await Nginx.run(tls: true) { server in
            try sparseFile(server.file("zeros"), size: 10)
            var settings = server.settings
            settings.http2 = false
            let client = try HTTPClient(settings: settings)
            let response = try await client.send(HTTPRequest(url: "\(server.url)/zeros"))
            #expect(response.header("x-protocol") == "HTTP/1.1")
            #expect(response.body.count == 10)
        }
    }

    @Test
    func anUnknownAuthorityIsRefused() async throws {
        try await Nginx.run(tls: true) { server in
            var settings = server.settings
            settings.caBundle = nil
            let client = try HTTPClient(settings: settings)
            let error = await #expect(throws: HTTPError.self) {
                try await client.open(HTTPRequest(url: "\(server.url)/zeros"))
            }
            #expect(error?.code == .tls && error?.curlCode == 60)
        }
    }

    @Test
    func rangesComeFromTheirPlace() async throws {
        try await Nginx.run(tls: false) { server in
            try Data((0..<1000).map { UInt8($0 % 251) }).write(to: URL(fileURLWithPath: server.file("pattern")))
            let client = try HTTPClient(settings: server.settings)
            let request = HTTPRequest(url: "\(server.url)/pattern", headers: [("Range", "bytes=700-")])
            let stream = try await client.open(request)
            #expect(stream.status == 206 && stream.header("content-range") == "bytes 700-999/1000")
            let bytes = try await stream.body.reduce(into: []) { $0 += $1 }
            #expect(bytes.count == 300 && Pattern.matches(bytes, at: 700))
        }
    }

    @Test(arguments: FileServer.allCases)
    func aFileComesAsItIs(from server: FileServer) async throws {
        let scratch = try Scratch("served")
        let content = Data((0..<5_000_003).map { UInt8($0 % 251) })
        try content.write(to: URL(fileURLWithPath: scratch.file("pattern")))
        try await server.serve(scratch.path) { url in
            let client = try HTTPClient(settings: HTTPSettings(usesEnvironmentProxy: false))
            let head = try await client.send(HTTPRequest(method: "HEAD", url: "\(url)/pattern"))
            #expect(head.status == 200 && head.header("content-length") == "5000003")
            for _ in 0..<3 {
                let stream = try await client.open(HTTPRequest(url: "\(url)/pattern"))
                let reading = await Reading.of(stream.body)
                #expect(stream.status == 200)
                #expect(reading.error == nil && reading.matches && reading.count == 5_000_003)
            }
            #expect(try await client.open(HTTPRequest(url: "\(url)/absent")).status == 404)
        }
    }
}
