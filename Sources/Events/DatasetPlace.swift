/// Where the tiles of a key live in the dataset.
package struct DatasetPlace: Sendable, Equatable {
    /// The key's first component; `.` when it has only one.
    package let component: String
    /// The name that the partition should have.
    package let partition: String
    /// The directory of the key's tiles, inside the partition.
    package let path: String

    /// A key of one component lies in a partition named after the source's folder or bucket.
    package init(bucket: String, key: String) {
        if let slash = key.firstIndex(of: "/"), slash != key.startIndex {
            component = String(key[..<slash])
            partition = DatasetName.partition(for: component)
            path = DatasetName.path(for: String(key[key.index(after: slash)...]))
        } else {
            component = "."
            partition = DatasetName.partition(for: bucket.split(separator: "/").last.map(String.init) ?? "")
            path = DatasetName.path(for: key)
        }
    }
}
