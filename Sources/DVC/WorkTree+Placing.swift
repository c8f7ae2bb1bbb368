import Files
import Synchronization
import Threads

extension WorkTree {
    /// Files that one thread takes at a time: a directory takes one new name at a time.
    private static let portion = 1_024

    /// Throws `objectMissing` where the cache lacks objects of these entries.
    func checkObjects(_ entries: [ManifestEntry]) throws {
        let missing = Mutex<[ManifestEntry]>([])
        try inPortions(entries[...], of: Self.portion) { portion in
            for entry in portion where try !cache.contains(entry.md5, size: entry.size) {
                missing.withLock { $0.append(entry) }
            }
        }
        let found = missing.withLock { $0 }
        guard let example = found.min(by: { $0.relpath.precedesInBytes($1.relpath) }) else { return }
        throw DVCError(
            .objectMissing,
            "the cache lacks \(found.count) of the objects to publish, the first is \(example.md5) for \(example.relpath.debugDescription): `swathlog dataset verify --repair` puts them right"
        )
    }

    /// Removes and places files, and tells what of that is not on disk yet.
    ///
    /// Removals go first, because a name may turn from a file into a directory or back.
    func perform(_ steps: Steps, in directory: String) throws -> TouchedNames {
        var touched = TouchedNames(root: repository)
        var emptied: [String] = []
        for path in steps.removed {
            let file = "\(directory)/\(path)"
            try removeFile(file)
            let folder = parent(of: file)
            if emptied.last.map({ $0.utf8.elementsEqual(folder.utf8) }) != true { emptied.append(folder) }
        }
        for folder in emptied {
            touched.note(folder)
            var folder = folder
            while folder.utf8.count > directory.utf8.count, try removeDirectoryIfEmpty(folder) {
                folder = parent(of: folder)
            }
        }
        var placer = LinkPlacer(order: links, staging: staging)
        // What the first one is refused, the others need not try.
        try place(steps.placed.prefix(1), in: directory, by: &placer, &touched)
        let all = Mutex(touched)
        try inPortions(steps.placed.dropFirst(), of: Self.portion) { [placer] portion in
            var placer = placer
            var touched = TouchedNames(root: repository)
            try place(portion, in: directory, by: &placer, &touched)
            all.withLock { [touched] in $0.merge(touched) }
        }
        return all.withLock { $0 }
    }

    private func place(
        _ entries: ArraySlice<ManifestEntry>,
        in directory: String,
        by placer: inout LinkPlacer,
        _ touched: inout TouchedNames
    ) throws {
        var made = ""
        for entry in entries {
            try Task.checkCancellation()
            let file = "\(directory)/\(entry.relpath)"
            let folder = parent(of: file)
            if !folder.utf8.elementsEqual(made.utf8) {
                try createDirectories(folder, durable: false)
                made = folder
                touched.note(folder)
            }
            switch try placer.place(absolute(cache.objectPath(entry.md5)), at: file) {
            case .hardlink, .symlink: break
            case .reflink, .copy: touched.note(copy: file)
            }
        }
    }
}
