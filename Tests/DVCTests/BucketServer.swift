import DVC
import Foundation
import HTTPTransfer
import ObjectStores
import TestSupport

/// A real S3 server on a free loopback port, with one bucket `bucket`, for as long as a body runs.
struct BucketServer {
    static let key = S3Peer.key
    static let secret = S3Peer.secret
    /// What programs find their credentials in.
    static let environment = [
        "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    ]

    let endpoint: String
    let client: S3Client
    let http: HTTPClient

    static func run(_ kind: S3Peer, _ scratch: Scratch, _ body: (BucketServer) async throws -> Void) async throws {
        let root = scratch("buckets")
        try FileManager.default.createDirectory(atPath: "\(root)/bucket", withIntermediateDirectories: true)
        try await kind.whileRunning(root: root) { _, endpoint in
            let http = try HTTPClient(settings: S3Client.httpSettings)
            let client = S3Client(
                settings: S3Settings(region: "us-east-1", endpoint: endpoint),
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
            try await body(BucketServer(endpoint: endpoint, client: client, http: http))
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
