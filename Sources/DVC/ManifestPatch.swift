package import Files

/// A new manifest made from the one before and the entries that differ: the others are copied as they stand.
package struct ManifestPatch {
    /// The manifest before.
    private let bytes: [UInt8]
    private let count: Int
    private let totalSize: Int

    /// Takes the manifest before from the cache; nil where that lacks it or has other bytes under its name.
    ///
    /// - Parameters:
    ///   - count: of its entries.
    ///   - totalSize: of their files, bytes.
    package init?(id: String, count: Int, totalSize: Int, in cache: DVCCache) throws(FileError) {
        let path = cache.objectPath(id)
        guard try fileInfo(path) != nil else { return nil }
        bytes = try readFile(path)
        guard md5(of: bytes) == id.prefix(32) else { return nil }
        self.count = count
        self.totalSize = totalSize
    }

    /// The manifest in which `new` stands for `old`; both are sorted by the UTF-8 bytes of their paths, with sizes.
    ///
    /// - Returns: nil where the manifest before does not hold `old`, so that it is not what the caller takes it for.
    package func applied(removing old: [ManifestEntry], adding new: [ManifestEntry]) throws(DVCError) -> Manifest? {
        var reader = ManifestReader(bytes)
        var writer = ManifestWriter()
        writer.reserveCapacity(count + new.count)
        var removed = old[...]
        var added = new[...]
        while let entry = try reader.next() {
            while let next = added.first, next.relpath.precedesInBytes(entry.relpath) {
                try writer.append(next)
                added.removeFirst()
            }
            if let gone = removed.first, gone.relpath.utf8.elementsEqual(entry.relpath.utf8) {
                guard gone.md5 == entry.md5 else { return nil }
                removed.removeFirst()
            } else {
                try writer.append(entry, written: bytes[reader.lastEntry])
            }
        }
        for next in added { try writer.append(next) }
        guard removed.isEmpty else { return nil }
        let size = old.reduce(totalSize) { $0 - ($1.size ?? 0) }
        return writer.finish(addingSize: size)
    }
}
