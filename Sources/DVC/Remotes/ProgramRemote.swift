import Files
import Foundation

/// A DVC remote of any kind that the installed `dvc` knows, which pushes in this program's place.
///
/// It works in a small repository of its own that has the pointers it needs and remembers nothing of remotes: so the
/// dataset's locks are free during the upload, and any version can be pushed, whatever the work tree has.
package struct ProgramRemote: Remote {
    package let settings: RemoteSettings
    /// The dataset's directory.
    private let repository: String
    let program: DVCProgram

    package init(settings: RemoteSettings, repository: String, program: DVCProgram = DVCProgram()) {
        self.settings = settings
        self.repository = repository
        self.program = program
    }

    package var url: String { settings.url }

    /// It is not asked: `dvc push` looks for all files, and so has to be told all.
    package func holds(manifest id: String) async throws -> Bool { false }

    package func probe() async throws -> RemoteProbe {
        // There may be no repository yet.
        let place = temporaryName(in: FileManager.default.temporaryDirectory.path)
        defer { try? removeTree(place) }
        let remote = ProgramRemote(settings: settings, repository: place, program: program)
        _ = try await remote.alone { try await remote.missing([md5(of: [])]) }
        return .asked
    }

    package func push(from cache: DVCCache, manifest id: String, entries: [ManifestEntry]) async throws -> PushResult {
        try await send(id, entries, from: cache, in: "push")
    }

    func send(
        _ id: String,
        _ entries: [ManifestEntry],
        from cache: DVCCache,
        in purpose: String
    ) async throws -> PushResult {
        var sizes: [String: Int] = [:]
        for entry in entries where sizes[entry.md5] == nil {
            guard try cache.contains(entry.md5, size: entry.size),
                let size = try entry.size ?? fileInfo(cache.objectPath(entry.md5))?.size
            else {
                throw DVCError(
                    .objectMissing,
                    "the cache lacks object \(entry.md5) or its size differs: run `dvc fetch`, or derive its tiles again"
                )
            }
            sizes[entry.md5] = size
        }
        let size = entries.reduce(0) { $0 + (sizes[$1.md5] ?? 0) }
        let pointer = Pointer(manifest: id, size: size, count: entries.count, path: "version")
        let sent = try await inRepository(purpose, of: cache) { try await $0.push(pointer.text) }
        sizes[id] = try fileInfo(cache.objectPath(id))?.size
        // dvc says how many it sent, not which.
        let bytes: Int? = sent == 0 ? 0 : sent == sizes.count ? sizes.values.reduce(0, +) : nil
        return PushResult(objects: sent, bytes: bytes, present: max(0, sizes.count - sent))
    }

    // MARK: The repository

    /// A repository that has this one remote, while something is done in it.
    struct Workplace {
        let directory: String
        let remote: ProgramRemote
        let cache: DVCCache

        func run(_ arguments: [String]) async throws -> String {
            try await remote.program.run(
                arguments,
                in: directory,
                variables: ["DVC_SITE_CACHE_DIR": "\(directory)/site"]
            )
        }

        /// Writes a pointer, in place of the one before.
        func write(_ pointer: String) throws {
            let path = "\(directory)/version.dvc"
            if try fileInfo(path) != nil { try removeFile(path) }
            try writeNew(Array(pointer.utf8), to: path, mode: 0o644, synchronized: false)
        }

        /// Pushes what a pointer names; returns how many objects were sent.
        func push(_ pointer: String) async throws -> Int {
            try write(pointer)
            let said = try await run(["push", "--remote", remote.settings.name, "version.dvc"])
            // `3 files pushed`, `1 file pushed`, or `Everything is up to date.`
            return said.firstMatch(of: #/(\d+) files? pushed/#).flatMap { Int($0.output.1) } ?? 0
        }
    }

    /// - Parameters:
    ///   - purpose: what it is for: of one purpose there is one at a time, and what a killed process left is removed.
    ///   - cache: the one that the repository has; nil for an empty one of its own.
    func inRepository<Value>(
        _ purpose: String,
        of cache: DVCCache?,
        _ body: (Workplace) async throws -> Value
    ) async throws -> Value {
        let place = "\(repository)/.dvc/tmp/swathlog/\(purpose)"
        try removeTree(place)
        defer { try? removeTree(place) }
        // Under a new name: the dvc of a killed agent may still be at work in the one before.
        let directory = temporaryName(in: place)
        try createDirectories("\(directory)/.dvc/tmp", durable: false)
        let cache = cache ?? DVCCache(root: "\(directory)/cache/files/md5")
        // The cache's own root is two directories further down.
        let objects = parent(of: parent(of: cache.root))
        var text = "[core]\n    no_scm = True\n[cache]\n    dir = \(objects)\n['remote \"\(settings.name)\"']\n"
        for (key, value) in [("url", settings.url)] + settings.options { text += "    \(key) = \(value)\n" }
        try writeNew(
            Array(text.utf8),
            to: "\(directory)/.dvc/config",
            // It may have what only `config.local` has.
            mode: 0o600,
            synchronized: false
        )
        return try await body(Workplace(directory: directory, remote: self, cache: cache))
    }

    /// Runs `body` while no other process looks at this remote or mends it.
    func alone<Value>(_ body: () async throws -> Value) async throws -> Value {
        let path = "\(repository)/.dvc/tmp/swathlog-look.lock"
        try createDirectories(parent(of: path), durable: false)
        guard let lock = try FileLock.tryLock(path, contents: []) else {
            throw DVCError(.busy, "another look at \(url) is running: wait for it to end")
        }
        defer { lock.release() }
        return try await body()
    }
}
