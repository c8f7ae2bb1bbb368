import ObjectStores
import Testing

@Suite("Where buckets are")
struct S3EndpointTests {
    @Test(
        "a bucket is addressed in the host or in the path",
        arguments: [
            ("bucket", nil, .auto, "https://bucket.s3.eu-west-1.amazonaws.com", ""),
            ("with.dots", nil, .auto, "https://s3.eu-west-1.amazonaws.com", "/with.dots"),
            ("Old_Name", nil, .auto, "https://s3.eu-west-1.amazonaws.com", "/Old_Name"),
            ("bucket", nil, .path, "https://s3.eu-west-1.amazonaws.com", "/bucket"),
            ("bucket", "http://127.0.0.1:9000/", .auto, "http://127.0.0.1:9000", "/bucket"),
            ("bucket", "https://minio.example.com:443", .auto, "https://minio.example.com", "/bucket"),
            ("bucket", "https://ceph.example.com/s3/", .auto, "https://ceph.example.com", "/s3/bucket"),
            ("bucket", "https://storage.googleapis.com", .virtualHost, "https://bucket.storage.googleapis.com", ""),
        ] as [(String, String?, S3Settings.Addressing, String, String)]
    )
    func endpoint(
        _ bucket: String,
        _ custom: String?,
        _ addressing: S3Settings.Addressing,
        _ origin: String,
        _ base: String
    ) throws {
        let settings = S3Settings(endpoint: custom, addressing: addressing)
        let endpoint = try S3Endpoint(bucket: bucket, region: "eu-west-1", settings: settings)
        #expect(endpoint.origin == origin)
        #expect(endpoint.base == base)
        #expect(origin.hasSuffix(endpoint.host))
    }

    @Test(
        "what is no plain URL is no endpoint",
        arguments: [
            "minio:9000", "ftp://x", "https://", "https://user@host", "https://host/?q", "https://host/%2F",
        ]
    )
    func badEndpoint(_ endpoint: String) {
        #expect(throws: S3Error.self) {
            try S3Endpoint(bucket: "b", region: "r", settings: S3Settings(endpoint: endpoint))
        }
    }

    @Test(
        "a location is a bucket and a prefix",
        arguments: [
            ("s3://bucket", "bucket", ""), ("s3://bucket/", "bucket", ""), ("s3://bucket/a//b/", "bucket", "a//b/"),
            ("s3://b.u-c_K/é ?", "b.u-c_K", "é ?"),
        ]
    )
    func location(_ url: String, _ bucket: String, _ prefix: String) throws {
        #expect(try S3Location(url: url) == S3Location(bucket: bucket, prefix: prefix))
    }

    @Test(
        "what is no location is refused",
        arguments: ["", "bucket", "s3:/b", "s3://", "s3:///k", "s3://a b/", "s3://../x"]
    )
    func badLocation(_ url: String) {
        #expect(throws: S3Error.self) { try S3Location(url: url) }
    }
}
