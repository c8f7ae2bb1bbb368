import Foundation
import HTTPTransfer
import Subprocess
import TestSupport
import Testing

/// Bodies that are sent from files.
@Suite(.timeLimit(.minutes(10)))
struct HTTPUploadTests {
    private static let settings = HTTPSettings(usesEnvironmentProxy: false)

    /// A file of random bytes.
    private func randomFile(_ scratch: Scratch, size: Int) async throws -> String {
        let path = scratch.file("random")
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: ["-c", "head -c \(size) /dev/urandom > \"$0\"", path],
            output: .discarded
        )
        try #require(result.terminationStatus.isSuccess)
        return path
    }

    private func areEqual(_ first: String, _ second: String) async throws -> Bool {
        try await Subprocess.run(.name("cmp"), arguments: [first, second], output: .discarded)
            .terminationStatus.isSuccess
    }

    @Test(arguments: [false, true])
    func aLargeFileArrivesWhole(tls: Bool) async throws {
        try await Nginx.run(tls: tls) { server in
            let size = 200 << 20
            let path = try await randomFile(server.scratch, size: size)
            let client = try HTTPClient(settings: server.settings)
            let request = HTTPRequest(
                method: "PUT",
                url: "\(server.url)/large",
                body: .file(path: path, length: size),
                timeouts: HTTPTimeouts(total: .seconds(300))
            )
            let response = try await client.send(request)
            #expect(response.status == 201)
            #expect(response.header("x-protocol") == (tls ? "HTTP/2.0" : "HTTP/1.1"))
            #expect(try await areEqual(path, server.file("large")))
        }
    }

    @Test
    func aPartOfAFileIsSentWithItsLength() async throws {
        try await Receiver.run { receiver in
            let scratch = try Scratch("upload")
            try "0123456789".write(toFile: scratch.file("digits"), atomically: true, encoding: .utf8)
            let client = try HTTPClient(settings: Self.settings)
            for method in ["PUT", "POST"] {
                let request = HTTPRequest(
                    method: method,
                    url: "\(receiver.url)/echo",
                    body: .file(path: scratch.file("digits"), offset: 3, length: 4)
                )
                let text = String(decoding: try await client.send(request).body, as: UTF8.self)
                #expect(text.hasPrefix("\(method) /echo\n") && text.hasSuffix("\n\n3456"))
                #expect(text.contains("\nContent-Length: 4\n"))
                #expect(!text.contains("Expect") && !text.contains("Transfer-Encoding"))
                let empty = HTTPRequest(
                    method: method,
                    url: "\(receiver.url)/echo",
                    body: .file(path: scratch.file("digits"), offset: 10, length: 0)
                )
                #expect(
                    String(decoding: try await client.send(empty).body, as: UTF8.self).contains("Content-Length: 0")
                )
            }
        }
    }

    @Test
    func aBodyIsSentAgainFromItsBeginning() async throws {
        try await Receiver.run { receiver in
            let scratch = try Scratch("upload")
            let size = 3_000_000
            let path = try await randomFile(scratch, size: size)
            let client = try HTTPClient(settings: Self.settings)
            // Only on a connection that was used before does a silent end mean "nobody saw the request".
            _ = try await client.send(HTTPRequest(url: "\(receiver.url)/status/200"))
            let request = HTTPRequest(
                method: "PUT",
                url: "\(receiver.url)/die-once",
                body: .file(path: path, length: size)
            )
            let response = try await client.send(request)
            let sum = try await Subprocess.run(
                .name("sha256sum"),
                arguments: [path],
                output: .string(limit: 4096)
            )
            let digest = try #require(sum.standardOutput.split(separator: " ").first)
            #expect(response.status == 200 && String(decoding: response.body, as: UTF8.self) == digest)
        }
    }

    @Test
    func aServerThatTakesNothingTimesOut() async throws {
        try await Receiver.run { receiver in
            let scratch = try Scratch("upload")
            let size = 64 << 20
            let path = try await randomFile(scratch, size: size)
            let settings = HTTPSettings(idleTimeout: .milliseconds(400), usesEnvironmentProxy: false)
            let request = HTTPRequest(method: "PUT", url: "\(receiver.url)/deaf", body: .file(path: path, length: size))
            let error = await #expect(throws: HTTPError.self) { try await HTTPClient(settings: settings).send(request) }
            #expect(error?.code == .timeout && error?.message.contains("no byte") == true)
        }
    }

    @Test
    func aFileThatIsMissingOrTooShortIsToldByName() async throws {
        try await Receiver.run { receiver in
            let scratch = try Scratch("upload")
            try "0123456789".write(toFile: scratch.file("digits"), atomically: true, encoding: .utf8)
            let client = try HTTPClient(settings: Self.settings)
            for (name, length) in [("absent", 10), ("digits", 11)] {
                let request = HTTPRequest(
                    method: "PUT",
                    url: "\(receiver.url)/echo",
                    body: .file(path: scratch.file(name), length: length)
                )
                let error = await #expect(throws: HTTPError.self) { try await client.send(request) }
                #expect(error?.code == .invalidRequest)
                #expect(error?.message.contains(scratch.file(name)) == true)
            }
            #expect(try await client.send(HTTPRequest(url: "\(receiver.url)/status/200")).status == 200)
        }
    }
}
