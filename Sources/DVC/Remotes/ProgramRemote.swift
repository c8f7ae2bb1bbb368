import Files

/// A DVC remote of any kind that the installed `dvc` knows, which pushes in this program's place.
///
/// It works in a small repository of its own that shares the cache, has one pointer, and remembers nothing of remotes: so the
/// dataset's locks are free during the upload, and any version can be pushed, whatever the work tree has.
package struct ProgramRemote: Remote {
    package let settings: RemoteSettings
    /// The dataset's directory.
    private let repository: String
    private let program: DVCProgram

    package init(settings: RemoteSettings, repository: String, program: DVCProgram = DVCProgram()) {
        self.settings = settings
        self.repository = repository
        self.program = program
    }

    package var url: String { settings.url }

    private var directory: String { "\(repository)/.dvc/tmp/swathlog/push" }

    /// It is not asked: `dvc push` looks for all files, and so has to be told all.
    package func holds(manifest id: String) async throws -> Bool { false }

    package func probe() async throws -> RemoteProbe { .untried }

    package func push(from cache: DVCCache, manifest id: String, entries: [ManifestEntry]) async throws -> PushResult {
        for entry in entries where try !cache.contains(entry.md5, size: entry.size) {
            throw DVCError(
                .objectMissing,
                "the cache lacks object \(entry.md5) or its size differs: run `dvc fetch`, or derive its tiles again"
            )
        }
        try removeTree(directory)
        defer { try? removeTree(directory) }
        try createDirectories("\(directory)/.dvc/tmp", durable: false)
        try writeNew(
            Array(configuration(cache).utf8),
            to: "\(directory)/.dvc/config",
            // It may have what only `config.local` has.
            mode: 0o600,
            synchronized: false
        )
        let size = entries.reduce(0) { $0 + ($1.size ?? 0) }
        let pointer = Pointer(manifest: id, size: size, count: entries.count, path: "version")
        try writeNew(
            Array(pointer.text.utf8),
            to: "\(directory)/version.dvc",
            mode: 0o644,
            synchronized: false
        )
        let said = try await program.run(
            ["push", "--remote", settings.name, "version.dvc"],
            in: directory,
            variables: ["DVC_SITE_CACHE_DIR": "\(directory)/site"]
        )
        // `3 files pushed`, `1 file pushed`, or `Everything is up to date.`
        let sent = said.firstMatch(of: #/(\d+) files? pushed/#).flatMap { Int($0.output.1) } ?? 0
        let distinct = Set(entries.map(\.md5)).count + 1
        return PushResult(objects: sent, bytes: sent == distinct ? size : 0, present: max(0, distinct - sent))
    }

    private func configuration(_ cache: DVCCache) -> String {
        // The cache's own root is two directories further down.
        let directory = parent(of: parent(of: cache.root))
        var text = "[core]\n    no_scm = True\n[cache]\n    dir = \(directory)\n['remote \"\(settings.name)\"']\n"
        for (key, value) in [("url", settings.url)] + settings.options { text += "    \(key) = \(value)\n" }
        return text
    }
}
