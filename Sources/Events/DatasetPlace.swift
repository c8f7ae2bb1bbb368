/// Where the tiles of a key live in the dataset.
package struct DatasetPlace: Sendable, Equatable {
    /// What of the key makes the partition: its first component, `.` when it has only one or none that could name a
    /// partition; under another template than the standard, the template and what it makes of the key.
    package let component: String
    /// The name that the partition should have.
    package let partition: String
    /// The directory of the key's tiles, inside the partition.
    package let path: String

    /// A key that the template finds nothing in lies in a partition named after the source's folder or bucket.
    ///
    /// Under another template than the standard, different keys may make the same name (`a-b/c` and `a/b-c` under
    /// `{1}-{2}`), so the path is the whole key's there.
    package init(bucket: String, key: String, template: PartitionTemplate = .standard) {
        guard template == .standard else {
            let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let folders = parts.dropLast().map { String(Substring($0)) }
            let name = Self.name(ofBucket: bucket)
            let filled = template.filled(bucket: name, folders: folders)
            component = "\(template.text)=\(filled)"
            partition = DatasetName.partition(for: filled.isEmpty ? name : filled)
            path = DatasetName.path(for: key)
            return
        }
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
            partition = DatasetName.partition(for: Self.name(ofBucket: bucket))
            path = DatasetName.path(for: key)
        }
    }

    private static func name(ofBucket bucket: String) -> String {
        bucket.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? "root"
    }
}
