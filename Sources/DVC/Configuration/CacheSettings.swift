package import Files

/// The cache of a repository as DVC's configuration files describe it.
package struct CacheSettings: Sendable, Equatable {
    /// Absolute path of the cache's directory; `.dvc/cache` unless `cache.dir` says another.
    package let directory: String
    /// Whether that is the repository's own, so that nobody else writes there.
    package let isOwn: Bool
    /// The ways of giving files of the work tree their contents, the preferred one first (`cache.type`).
    package let links: [LinkKind]
    /// Whether all of the directory's group may write (`cache.shared = group`).
    package let isShared: Bool

    /// - Throws: `badConfiguration` for a kind of link that DVC does not have.
    package init(repository: String, _ settings: DVCSettings) throws(DVCError) {
        let own = "\(repository)/.dvc/cache"
        directory = settings.path("dir", in: "cache") ?? own
        isOwn = directory == own
        isShared = settings.value("shared", in: "cache")?.lowercased() == "group"
        // What DVC takes where nobody says anything.
        let text = settings.value("type", in: "cache") ?? "reflink,copy"
        var links: [LinkKind] = []
        for name in text.split(whereSeparator: { ", \"'[]".contains($0) }) {
            guard let kind = LinkKind(rawValue: name.lowercased()) else {
                throw DVCError(
                    .badConfiguration,
                    "cache.type has '\(name)', and is of reflink, hardlink, symlink and copy: `dvc config cache.type reflink,copy`"
                )
            }
            if !links.contains(kind) { links.append(kind) }
        }
        self.links = links.isEmpty ? [.reflink, .copy] : links
    }

    /// The cache's objects.
    ///
    /// - Parameter repository: whose unfinished files are whose, in a cache that several write to.
    func objects(for repository: String) -> DVCCache {
        DVCCache(
            root: "\(directory)/files/md5",
            tag: isOwn ? "" : md5(of: Array(repository.utf8)).prefix(8) + "-",
            isShared: isShared
        )
    }
}

extension DVCCache {
    /// The cache that a repository's objects are in, by its configuration as it stands.
    package static func of(repository: String) throws -> DVCCache {
        let repository = absolute(repository)
        return try CacheSettings(repository: repository, DVCSettings(repository: repository)).objects(for: repository)
    }
}
