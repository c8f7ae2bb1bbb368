import Foundation
import Testing

/// Messages as their makers document them.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
        return Array(try Data(contentsOf: url))
    }

    static let names = [
        "s3-put", "s3-test", "s3-several", "sns", "sns-confirmation", "eventbridge-created", "eventbridge-deleted",
        "minio-put", "minio-delete", "ceph-put", "ceph-synced", "cloudevent-s3", "cloudevent-plain", "cloudevent-batch",
    ]
}
