import DVC
import Foundation
import HTTPTransfer
import ObjectStores
import TestSupport

/// A real S3 server on a free loopback port, with one bucket `bucket`, for as long as a body runs.
struct BucketServer {
    enum Kind: String, CaseIterable {
        /// Checks signatures, ignores conditions.
        case rclone
        /// Heeds conditions, checks no signature.
        case moto
    }

    static let key = "AKIDEXAMPLE"
    static let secret = "secret+key"
    /// What programs find their credentials in.
    static let environment = [
        "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    ]

    let endpoint: String
    let client: S3Client
    let http: HTTPClient

    static func run(_ kind: Kind, _ scratch: Scratch, _ body: (BucketServer) async throws -> Void) async throws {
        let root = scratch("buckets")
        try FileManager.default.createDirectory(atPath: "\(root)/bucket", withIntermediateDirectories: true)
        let arguments =
            switch kind {
            case .moto: ["-H", "127.0.0.1", "-p", "0"]
            case .rclone: ["serve", "s3", root, "--addr", "127.0.0.1:0", "--auth-key", "\(key),\(secret)"]
            }
        let tool = try Tool(Checkout.peer(kind == .moto ? "moto_server" : "rclone"))
        try await tool.whileRunning(arguments) { running in
            var found: String?
            try await eventually("\(kind.rawValue) listens", within: .seconds(60)) {
                let text = running.outputSoFar + running.errorsSoFar
                guard running.isRunning else { throw ToolError("the server has ended: \(text)") }
                found = text.firstMatch(of: /http:\/\/127\.0\.0\.1:\d+/).map { String($0.output) }
                return found != nil
            }
            let http = try HTTPClient(settings: S3Client.httpSettings)
            let client = S3Client(
                settings: S3Settings(region: "us-east-1", endpoint: found),
                http: http,
                credentials: CredentialsProvider(
                    sources: [FixedCredentials(Credentials(accessKeyID: key, secretAccessKey: secret))]
                )
            )
            if kind == .moto {
                _ = try await client.send("bucket", action: "make the bucket") { (region) throws(S3Error) in
                    try client.request("PUT", "bucket", region: region)
                }
            }
            try await body(BucketServer(endpoint: found ?? "", client: client, http: http))
            await http.shutdown()
        }
    }

    /// The remote that is used in tests.
    var settings: RemoteSettings {
        RemoteSettings(url: "s3://bucket/data", options: [("endpointurl", endpoint), ("region", "us-east-1")])
    }

    var remote: S3Remote { S3Remote(location: S3Location(bucket: "bucket", prefix: "data"), client: client) }

    func key(_ id: String) -> String { "data/files/md5/\(id.prefix(2))/\(id.dropFirst(2))" }

    func read(_ id: String) async throws -> [UInt8] { try await client.read("bucket", key(id)) }

    func has(_ id: String) async throws -> Bool {
        do {
            _ = try await client.head("bucket", key(id))
            return true
        } catch  where error.code == .gone {
            return false
        }
    }
}
