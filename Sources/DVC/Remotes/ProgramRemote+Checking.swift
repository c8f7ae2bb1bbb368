import Events
import Files
import Threads

/// Looks by `dvc status --cloud`, which tells what is missing; only what is read by `dvc fetch` is known to be sound.
extension ProgramRemote: CheckedRemote {
    /// Files that are looked for by one `dvc`.
    private static let asked = 50_000
    /// Files that are read by one `dvc`: they lie on this disk until they are compared.
    private static let fetched = 512

    package func comparesBytes(reads: Bool) -> Bool { reads }

    package func faults(
        among objects: [ExpectedObject],
        reads: Bool,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> [String: ObjectFault] {
        try await alone {
            var faults: [String: ObjectFault] = [:]
            for id in try await missing(objects.map(\.id)) { faults[id] = .missing }
            var done = reads ? faults.count : objects.count
            progress(done)
            guard reads else { return faults }
            let found = objects.filter { faults[$0.id] == nil }
            let files = found.filter { !$0.isManifest }
            for start in stride(from: 0, to: files.count, by: Self.fetched) {
                let some = files[start..<min(start + Self.fetched, files.count)]
                faults.merge(try await faultsOfFetched(some)) { $1 }
                done += some.count
                progress(done)
            }
            for object in found where object.isManifest {
                let bytes = try await download(object.id)
                if !object.isMade(of: bytes) { faults[object.id] = .damaged("its MD5 is \(md5(of: bytes))") }
                done += 1
                progress(done)
            }
            return faults
        }
    }

    package func read(_ object: ExpectedObject) async throws -> [UInt8]? {
        try await alone {
            guard try await missing([object.id]).isEmpty else { return nil }
            let bytes = try await download(object.id)
            return object.isMade(of: bytes) ? bytes : nil
        }
    }

    /// Has dvc push what is missing; it leaves alone what is there, whatever its bytes are.
    package func replace(_ objects: [ExpectedObject], from cache: DVCCache) async throws {
        try await alone {
            let files = objects.filter { !$0.isManifest }.map(\.id)
            for start in stride(from: 0, to: files.count, by: Self.fetched) {
                let some = files[start..<min(start + Self.fetched, files.count)]
                _ = try await inRepository("look", of: cache) { try await $0.push(Self.pointer(to: some)) }
            }
            for object in objects where object.isManifest {
                guard let bytes = try cache.read(object) else { throw DVCError.objectMissing(object.id) }
                _ = try await send(
                    object.id,
                    try ManifestReader.entries(of: bytes),
                    from: cache,
                    in: "look"
                )
            }
        }
    }

    // MARK: By dvc

    /// Those of some objects that the remote has not.
    ///
    /// dvc is asked for a directory that has all of them: of one whose manifest the remote has, it would take the files for
    /// granted. So manifests are asked for apart from files as well.
    func missing(_ ids: [String]) async throws -> Set<String> {
        let kinds = Dictionary(grouping: Set(ids)) { $0.hasSuffix(".dir") }.values
        var missing: Set<String> = []
        for ids in kinds.map({ $0.sorted() }) {
            for start in stride(from: 0, to: ids.count, by: Self.asked) {
                missing.formUnion(try await missingAtOnce(ids[start..<min(start + Self.asked, ids.count)]))
            }
        }
        return missing
    }

    private func missingAtOnce(_ ids: ArraySlice<String>) async throws -> Set<String> {
        let entries = ids.map { #"{"md5": "\#($0)", "relpath": "\#($0)"}"# }
        let directory = Array("[\(entries.joined(separator: ", "))]".utf8)
        let said = try await inRepository("look", of: nil) { place in
            let id = md5(of: directory) + ".dir"
            let batch = try place.cache.batch()
            try batch.add(bytes: directory, md5: id)
            try batch.commit()
            try place.write(Pointer(manifest: id, size: 0, count: ids.count, path: "version").text)
            return try await place.run(["status", "--cloud", "--json", "--remote", settings.name, "version.dvc"])
        }
        let states: [String: String]
        do {
            states = try JSONObject(Array(said.utf8)).strings()
        } catch {
            throw DVCError(.dvcFailed, "`dvc status --cloud` says what can't be read: \(said.prefix(200))")
        }
        return try Set(
            ids.filter { id in
                // The cache is empty: what the remote has counts as deleted here, and the rest is missing in both.
                switch states["version/\(id)"] {
                case "deleted": false
                case "missing": true
                default: throw DVCError(.dvcFailed, "`dvc status --cloud` says nothing of \(id)")
                }
            }
        )
    }

    /// Has dvc fetch files that are there, and looks at what came.
    private func faultsOfFetched(_ objects: ArraySlice<ExpectedObject>) async throws -> [String: ObjectFault] {
        try await inRepository("look", of: nil) { place in
            try place.write(Self.pointer(to: objects.map(\.id)))
            _ = try await place.run(["fetch", "--remote", settings.name, "version.dvc"])
            let cache = place.cache
            return try await Blocking.run {
                var faults: [String: ObjectFault] = [:]
                for object in objects { faults[object.id] = try cache.fault(of: object) }
                return faults
            }
        }
    }

    private func download(_ id: String) async throws -> [UInt8] {
        try await inRepository("look", of: nil) { place in
            let key = "files/md5/\(id.prefix(2))/\(id.dropFirst(2))"
            _ = try await place.run(["get-url", "remote://\(settings.name)/\(key)", "object"])
            return try readFile("\(place.directory)/object")
        }
    }

    /// A pointer to files one by one, each under its own id.
    private static func pointer(to ids: some Sequence<String>) -> String {
        "outs:\n" + ids.map { "- md5: '\($0)'\n  hash: md5\n  path: '\($0)'\n" }.joined()
    }
}
