/// What a publication makes of one partition.
package struct PartitionChange: Sendable {
    package let partition: String
    /// The new contents, or nil to remove the partition.
    package let manifest: Manifest?
    /// The id of the manifest that was published before; nil for none.
    ///
    /// The work tree may hold its files though the pointer is another by now, as after somebody's `git pull`.
    package let previous: String?
    /// Facts for the pointer's `meta` map.
    package let meta: [String: String]
    /// What made the contents, for the file of parameters; nothing for no change there.
    package let params: [String: String]

    package init(
        partition: String,
        manifest: Manifest?,
        previous: String? = nil,
        meta: [String: String] = [:],
        params: [String: String] = [:]
    ) {
        self.partition = partition
        self.manifest = manifest
        self.previous = previous
        self.meta = meta
        self.params = params
    }
}
