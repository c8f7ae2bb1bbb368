/// A bucket and what its keys begin with, as `s3://bucket/prefix`.
package struct S3Location: Sendable, Hashable {
    package let bucket: String
    /// Empty for the whole bucket; no slash is added to it.
    package let prefix: String

    package init(bucket: String, prefix: String = "") {
        self.bucket = bucket
        self.prefix = prefix
    }

    /// Reads `s3://bucket`, `s3://bucket/` or `s3://bucket/prefix`; the prefix is taken as it is written.
    package init(url: String) throws(S3Error) {
        let scheme = "s3://"
        guard url.hasPrefix(scheme) else {
            throw S3Error(.badRequest, "\"\(url)\" is not an S3 location; write s3://BUCKET/PREFIX")
        }
        let rest = url.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        bucket = String(rest[..<slash])
        prefix = String(rest[slash...].dropFirst())
        // Names of today are stricter; buckets from before 2018 may have capitals and underscores.
        let allowed = bucket.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard allowed, (3...255).contains(bucket.utf8.count), bucket.contains(where: { $0 != "." }) else {
            throw S3Error(.badRequest, "\"\(bucket)\" is not the name of a bucket; write s3://BUCKET/PREFIX")
        }
    }

    package var url: String { "s3://\(bucket)/\(prefix)" }
}
