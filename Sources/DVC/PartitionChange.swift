/// What a publication makes of one partition.
package struct PartitionChange: Sendable {
    package let partition: String
    /// The new contents, or nil to remove the partition.
    package let manifest: Manifest?
    /// Facts for the pointer's `meta` map.
    package let meta: [String: String]

    package init(partition: String, manifest: Manifest?, meta: [String: String] = [:]) {
        self.partition = partition
        self.manifest = manifest
        self.meta = meta
    }
}
