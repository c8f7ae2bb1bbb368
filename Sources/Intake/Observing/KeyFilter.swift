/// Which objects of buckets are part of a source.
package struct KeyFilter: Sendable, Equatable {
    /// A bucket, and what the keys begin with.
    package struct Place: Sendable, Hashable {
        package let bucket: String
        package let prefix: String

        package init(bucket: String, prefix: String) {
            self.bucket = bucket
            self.prefix = prefix
        }
    }

    package enum Verdict: Sendable, Equatable {
        case takes
        case leavesOut
        /// A key that ends in a slash and holds nothing: what consoles and file managers put for an empty folder.
        case folderMarker
    }

    package let places: [Place]
    /// Patterns of which a key has to match one; every key does where there is none.
    package let include: [GlobPattern]

    package init(places: [Place], include: [GlobPattern] = []) {
        self.places = places
        self.include = include
    }

    /// - Parameter size: bytes, where they are known.
    package func judge(bucket: String, key: String, size: Int?) -> Verdict {
        guard places.contains(where: { $0.bucket == bucket && key.utf8.starts(with: $0.prefix.utf8) }) else {
            return .leavesOut
        }
        if key.utf8.last == UInt8(ascii: "/"), size ?? 0 == 0 { return .folderMarker }
        return include.isEmpty || include.contains { $0.matches(key) } ? .takes : .leavesOut
    }
}
