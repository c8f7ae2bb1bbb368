/// The SQL of this folder, embedded in the binary.
package enum Migrations {
    /// One change of the log's schema.
    package struct Migration: Sendable {
        /// The file's name without its ending: `NNNN-name`.
        package let name: String
        package let sql: String
    }

    /// The log's migrations, in the order in which they are applied; one that was released never changes.
    package static var log: [Migration] {
        [
            Migration(name: "0001-events", sql: text(PackageResources._001_events_sql)),
            Migration(name: "0002-checkpoints", sql: text(PackageResources._002_checkpoints_sql)),
        ]
    }

    /// The tables of a view, made anew whenever this text changes; nil for a view that has none here.
    package static func view(_ name: String) -> String? {
        switch name {
        case "activity": text(PackageResources.activity_sql)
        case "catalog": text(PackageResources.catalog_sql)
        default: nil
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
