import Files

/// One partition's directory in the work tree, brought from any of its earlier states to a new manifest.
///
/// The order makes a kill at any instant harmless. A journal names the new manifest before the first file changes; the
/// pointer follows the last file; the journal goes last. A later run compares the new manifest with the pointer's and
/// with the journal's: a file stays untouched only where all agree, so nothing half-done is taken for done, even when
/// the later run has a newer manifest than the killed one. And the cost is that of the difference.
struct WorkTree {
    let repository: String
    let cache: DVCCache
    /// The kinds of link that files are placed by, the preferred one first.
    var links = LinkKind.allCases
    /// Whether a person had the repository first: then a pointer that this program did not write is theirs.
    var isJoined = false

    /// Temporary files and journals: on the same file system as the tree, ignored by git and DVC.
    var staging: String { "\(repository)/.dvc/tmp/swathlog" }

    /// Makes the directory of temporary files, and removes those that killed processes left; the caller holds DVC's lock.
    func clearStaging() throws {
        try createDirectories(staging)
        for name in try listDirectory(staging).compactMap(\.name) where isTemporaryName(name) {
            try removeFile("\(staging)/\(name)")
        }
    }

    /// The text of a file in the top directory; nil where there is none.
    func text(_ name: String) throws(FileError) -> String? {
        let path = "\(repository)/\(name)"
        return try fileInfo(path) == nil ? nil : String(decoding: try readFile(path), as: UTF8.self)
    }

    static let ignoreFile = ".gitignore"

    /// The manifests whose files may be in a partition's directory and that the cache lacks.
    func lostManifests(of partition: String, previous: String?) throws -> [String] {
        guard try fileInfo("\(repository)/\(partition)") != nil else { return [] }
        let pointer = try pointer("\(repository)/\(partition).dvc")?.manifest
        return try Set(journaled(partition) + [pointer, previous].compactMap(\.self)).sorted().filter {
            try $0 != Self.nothing && fileInfo(cache.objectPath($0)) == nil
        }
    }

    /// Brings directory, pointer and .gitignore to the change; the caller holds DVC's lock.
    func apply(_ change: PartitionChange) throws {
        let directory = "\(repository)/\(change.partition)"
        let pointerPath = directory + ".dvc"
        let journal = "\(staging)/\(change.partition).applying"
        if change.manifest != nil, isJoined || change.previous != nil, try fileInfo(pointerPath) == nil {
            try OtherOutputs(repository: repository).refuse(partition: change.partition)
        }
        try createDirectories(staging, durable: false)
        let wanted = change.manifest?.bytes ?? Array("[]".utf8)
        let old = try earlierStates(change, directory: directory, pointer: pointerPath)
        if let why = old.unknown { try refuseStrangers(in: directory, besides: old.manifests + [wanted], why) }
        // Nothing tells what the tree holds of those: it is made anew.
        let steps = try Steps(from: old.unknown == nil ? old.manifests : [], to: wanted)
        try checkObjects(steps.placed)
        if let manifest = change.manifest {
            let batch = try cache.batch()
            try batch.add(bytes: manifest.bytes, md5: manifest.id)
            try batch.commit()
        }
        if !steps.isEmpty || old.unknown != nil || !old.journal.isEmpty {
            // Adding to the journal keeps what an earlier, killed run may have placed.
            let lines = (old.journal + [change.manifest?.id ?? Self.nothing]).map { $0 + "\n" }
            try writeAtomically(Array(lines.joined().utf8), to: journal)
            if old.unknown != nil { try removeTree(directory) }
            let touched = try perform(steps, in: directory)
            if change.manifest != nil { try createDirectories(directory, durable: false) }
            // The pointer must not be on disk before what it points at.
            if old.unknown != nil {
                try syncFileSystem(containing: repository)
            } else {
                try touched.synchronize(in: repository)
            }
        }
        if let manifest = change.manifest {
            try createDirectories(directory)
            let text = Pointer(manifest, path: change.partition, meta: change.meta).text
            if (try? readFile(pointerPath)) != Array(text.utf8) {
                try writeAtomically(Array(text.utf8), to: pointerPath, staging: staging)
            }
        } else {
            // What else is in it is a person's.
            _ = try removeDirectoryIfEmpty(directory)
            try removeFile(pointerPath)
            try syncFileSystem(containing: repository)
        }
        try updateIgnoreFile(change.partition, present: change.manifest != nil)
        try removeFile(journal)
    }

    /// What the journal says in place of a manifest where a partition was to go.
    private static let nothing = "-"

    private struct Earlier {
        /// Every manifest that is known whose files may be in the tree.
        var manifests: [[UInt8]] = []
        /// Why the tree may hold other files as well, in words; nil where it may not.
        var unknown: String?
        var journal: [String] = []
    }

    /// The manifests that runs were bringing the partition to which did not come to their end.
    private func journaled(_ partition: String) throws -> [String] {
        let journal = "\(staging)/\(partition).applying"
        guard try fileInfo(journal) != nil else { return [] }
        return String(decoding: try readFile(journal), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Whether a partition of the dataset has its pointer here.
    func hasPointer(of partition: String) -> Bool {
        guard let pointer = try? pointer("\(repository)/\(partition).dvc") else { return false }
        return !isJoined || pointer.isOurs
    }

    /// A pointer file; nil for none, and for what is no pointer.
    private func pointer(_ path: String) throws -> Pointer? {
        guard try fileInfo(path) != nil else { return nil }
        return try? Pointer(parsing: String(decoding: readFile(path), as: UTF8.self))
    }

    private func earlierStates(_ change: PartitionChange, directory: String, pointer path: String) throws -> Earlier {
        var earlier = Earlier(journal: try journaled(change.partition))
        let hasPointer = try fileInfo(path) != nil
        let pointer = try pointer(path)
        guard let tree = try fileInfo(directory) else {
            guard !isJoined || !hasPointer || !earlier.journal.isEmpty || pointer?.isOurs == true else {
                throw foreign(path)
            }
            return earlier
        }
        guard tree.kind == .directory, hasPointer || !earlier.journal.isEmpty else {
            throw DVCError(
                .conflict,
                "\(directory) is in the way and not part of the dataset: move it elsewhere, then try again"
            )
        }
        if isJoined, hasPointer {
            guard let pointer, pointer.isOurs || !earlier.journal.isEmpty else { throw foreign(path) }
        }
        if hasPointer, pointer == nil { earlier.unknown = "\(path) can't be read as a pointer" }
        // Without a pointer the first publication was killed: what is in the tree is less than the journal's manifest.
        if !hasPointer { earlier.manifests.append(Array("[]".utf8)) }
        var seen: Set<String> = []
        for id in earlier.journal + [pointer?.manifest, change.previous].compactMap(\.self)
        where seen.insert(id).inserted {
            if id == Self.nothing {
                earlier.manifests.append(Array("[]".utf8))
            } else if let bytes = try? readFile(cache.objectPath(id)) {
                earlier.manifests.append(bytes)
            } else if id != change.previous || id == pointer?.manifest {
                earlier.unknown = "the cache lacks the manifest \(id), which it may be of (`dvc fetch`)"
            }
        }
        return earlier
    }

    /// Throws where a directory holds a file that no manifest names: it may be a person's.
    private func refuseStrangers(in directory: String, besides manifests: [[UInt8]], _ why: String) throws {
        // As bytes: two names that look alike are two files.
        var known: Set<[UInt8]> = []
        for manifest in manifests {
            for entry in try ManifestReader.entries(of: manifest) { known.insert(Array(entry.relpath.utf8)) }
        }
        var folders: [[UInt8]] = [[]]
        while let folder = folders.popLast() {
            let path = folder.isEmpty ? directory : "\(directory)/\(String(decoding: folder, as: UTF8.self))"
            for entry in try listDirectory(path) {
                let name = folder.isEmpty ? entry.bytes : folder + Array("/".utf8) + entry.bytes
                if entry.kind == .directory, entry.name != nil {
                    folders.append(name)
                } else if !known.contains(name) {
                    throw DVCError(
                        .conflict,
                        "\(directory)/\(String(decoding: name, as: UTF8.self)) is in no version that is known here, and \(why): move it elsewhere if it is yours, then try again"
                    )
                }
            }
        }
    }

    private func foreign(_ pointer: String) -> DVCError {
        DVCError(
            .conflict,
            "\(pointer) is somebody's own and not part of the dataset: rename it, or give the source's folder another name"
        )
    }

    /// Keeps DVC's line for the directory in .gitignore, and every other line as it is.
    private func updateIgnoreFile(_ partition: String, present: Bool) throws {
        let name = Self.ignoreFile
        var lines = TextLines(try text(name) ?? "")
        let line = "/\(partition)"
        if lines.texts.contains(line) == present { return }
        if present {
            // Sorted, so that the file does not tell which partition happened to be first; a person's order stays.
            let next =
                isJoined
                ? nil
                : lines.texts.firstIndex { $0.hasPrefix("/") && line.utf8.lexicographicallyPrecedes($0.utf8) }
            lines.insert(line, at: next ?? lines.count)
        } else {
            lines.removeAll { $0 == line }
        }
        try writeAtomically(Array(lines.text.utf8), to: "\(repository)/\(name)", staging: staging)
    }
}
