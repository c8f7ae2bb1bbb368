/// Where the tiles of a key live in the dataset.
package struct DatasetPlace: Sendable, Equatable {
    /// The key's first component; `.` when it has only one, or none that could name a partition.
    package let component: String
    /// The name that the partition should have.
    package let partition: String
    /// The directory of the key's tiles, inside the partition.
    package let path: String

    /// A key of one component lies in a partition named after the source's folder or bucket.
    package init(bucket: String, key: String) {
        // By bytes: a combining mark after a slash makes one Character of the two.
        let text = key.utf8
        let slash = text.firstIndex(of: UInt8(ascii: "/"))
        let first = String(key[..<(slash ?? key.startIndex)])
        if let slash, !first.isEmpty, first != "." {
            component = first
            partition = DatasetName.partition(for: first)
            path = DatasetName.path(for: String(key[text.index(after: slash)...]))
        } else {
            component = "."
            let folder = bucket.utf8.split(separator: UInt8(ascii: "/")).last
            partition = DatasetName.partition(for: folder.map { String(Substring($0)) } ?? "root")
            path = DatasetName.path(for: key)
        }
    }
}
