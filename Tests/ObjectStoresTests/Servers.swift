import Files
import Foundation
import HTTPTransfer
import ObjectStores
import TestSupport
import Testing

/// A real S3 server on a free loopback port, for as long as the body runs.
enum Servers {
    static let key = S3Peer.key
    static let secret = S3Peer.secret

    static var credentials: CredentialsProvider {
        CredentialsProvider(sources: [FixedCredentials(Credentials(accessKeyID: key, secretAccessKey: secret))])
    }

    /// `rclone serve s3`, which checks signatures and ignores conditions; a bucket is a directory of `root`.
    static func rclone(root: String, _ body: (_ port: Int) async throws -> Void) async throws {
        try await S3Peer.rclone.whileRunning(root: root) { _, endpoint in try await body(try Self.port(of: endpoint)) }
    }

    /// moto's server, which has versions and conditions and checks no signature.
    static func moto(_ body: (_ port: Int) async throws -> Void) async throws {
        try await S3Peer.moto.whileRunning { _, endpoint in try await body(try Self.port(of: endpoint)) }
    }

    private static func port(of endpoint: String) throws -> Int {
        try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })
    }

    /// One of the scripts beside these tests, which print their port.
    static func script(_ name: String, _ arguments: [String] = [], _ body: (Int) async throws -> Void) async throws {
        let tool = try Tool(Checkout.peer("python"))
        try await tool.whileRunning([pythonScript(name)] + arguments) { running in
            try await body(try await port(of: running, after: /^(\d+)\n/))
        }
    }

    private static func port(
        of running: RunningTool,
        after pattern: sending Regex<(Substring, Substring)>
    ) async throws -> Int {
        var port: Int?
        try await eventually("the port of a server", within: .seconds(60)) {
            let text = running.outputSoFar + running.errorsSoFar
            guard running.isRunning else { throw ToolError("the server has ended: \(text)") }
            port = text.firstMatch(of: pattern).flatMap { Int($0.output.1) }
            return port != nil
        }
        return try #require(port)
    }

    /// A client for a server on loopback.
    static func client(
        port: Int,
        _ change: (inout S3Settings) -> Void = { _ in }
    ) throws -> S3Client {
        var settings = S3Settings(region: "us-east-1", endpoint: "http://127.0.0.1:\(port)")
        change(&settings)
        return S3Client(
            settings: settings,
            http: try HTTPClient(settings: S3Client.httpSettings),
            credentials: credentials
        )
    }

    /// Makes a bucket, where the server has to be asked for one.
    static func makeBucket(_ name: String, on client: S3Client) async throws {
        _ = try await client.send(name, action: "make \(name)") { (region) throws(S3Error) in
            try client.request("PUT", name, region: region)
        }
    }
}

/// Bytes that look random and are the same each time.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
}

/// Runs a body that has to fail with an `S3Error`, and returns that.
func failure<Value>(_ body: () async throws -> Value) async throws -> S3Error {
    do {
        _ = try await body()
    } catch let error as S3Error {
        return error
    }
    throw ToolError("what was to fail has succeeded")
}

/// The whole body of a stream.
func whole(_ stream: HTTPStream) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in stream.body { bytes += chunk }
    return bytes
}
