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

    /// Brings directory, pointer and .gitignore to the change; the caller holds DVC's lock.
    func apply(_ change: PartitionChange) throws {
        let directory = "\(repository)/\(change.partition)"
        let pointerPath = directory + ".dvc"
        let journal = "\(staging)/\(change.partition).applying"
        try createDirectories(staging, durable: false)
        let wanted = change.manifest?.bytes ?? Array("[]".utf8)
        let old = try earlierStates(
            change.partition,
            directory: directory,
            pointer: pointerPath,
            journal: journal
        )
        let steps = try Steps(from: old.manifests, to: wanted)
        try checkObjects(steps.placed)
        if let manifest = change.manifest {
            let batch = try cache.batch()
            try batch.add(bytes: manifest.bytes, md5: manifest.id)
            try batch.commit()
        }
        if !steps.isEmpty || old.isUnknown || old.isJournaled {
            // Adding to the journal keeps what an earlier, killed run may have placed.
            let line = (change.manifest?.id ?? "-") + "\n"
            try writeAtomically(old.journal + Array(line.utf8), to: journal)
            if old.isUnknown { try removeTree(directory) }
            let touched = try perform(steps, in: directory)
            if change.manifest != nil { try createDirectories(directory, durable: false) }
            // The pointer must not be on disk before what it points at.
            if old.isUnknown {
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
            try removeTree(directory)
            try removeFile(pointerPath)
            try syncFileSystem(containing: repository)
        }
        try updateIgnoreFile(change.partition, present: change.manifest != nil)
        try removeFile(journal)
    }

    private struct Earlier {
        /// Every manifest whose files may be in the tree.
        var manifests: [[UInt8]] = []
        /// Nothing tells what the tree holds, so it is made anew.
        var isUnknown = false
        var isJournaled = false
        var journal: [UInt8] = []
    }

    private func earlierStates(
        _ partition: String,
        directory: String,
        pointer: String,
        journal: String
    ) throws -> Earlier {
        var earlier = Earlier()
        var ids: [String] = []
        if try fileInfo(journal) != nil {
            earlier.isJournaled = true
            earlier.journal = try readFile(journal)
            ids = String(decoding: earlier.journal, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        let hasPointer = try fileInfo(pointer) != nil
        guard let tree = try fileInfo(directory) else {
            guard
                !isJoined || !hasPointer || earlier.isJournaled
                    || (try? Pointer(parsing: String(decoding: readFile(pointer), as: UTF8.self)))?.isOurs == true
            else { throw foreign(pointer) }
            return earlier
        }
        guard tree.kind == .directory, hasPointer || earlier.isJournaled else {
            throw DVCError(
                .conflict,
                "\(directory) is in the way and not part of the dataset: move it elsewhere, then try again"
            )
        }
        if hasPointer {
            guard let read = try? Pointer(parsing: String(decoding: readFile(pointer), as: UTF8.self)) else {
                guard !isJoined else { throw foreign(pointer) }
                earlier.isUnknown = true
                return earlier
            }
            guard !isJoined || read.isOurs || earlier.isJournaled else { throw foreign(pointer) }
            ids.append(read.manifest)
        } else {
            // The first publication was killed: what is in the tree is less than the journal's manifest.
            earlier.manifests.append(Array("[]".utf8))
        }
        for id in ids {
            if id == "-" {
                earlier.manifests.append(Array("[]".utf8))
            } else if let bytes = try? readFile(cache.objectPath(id)) {
                earlier.manifests.append(bytes)
            } else {
                earlier.isUnknown = true
                earlier.manifests = []
                return earlier
            }
        }
        return earlier
    }

    private func foreign(_ pointer: String) -> DVCError {
        DVCError(
            .conflict,
            "\(pointer) is somebody's own and not part of the dataset: rename it, or give the source's folder another name"
        )
    }

    /// Keeps DVC's line for the directory in .gitignore, and every other line as it is.
    private func updateIgnoreFile(_ partition: String, present: Bool) throws {
        let path = "\(repository)/.gitignore"
        let old = try fileInfo(path) == nil ? "" : String(decoding: readFile(path), as: UTF8.self)
        var lines = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let line = "/\(partition)"
        if lines.contains(line) == present { return }
        if present {
            // Sorted, so that the file does not tell which partition happened to be first; a person's order stays.
            let next =
                isJoined ? nil : lines.firstIndex { $0.hasPrefix("/") && line.utf8.lexicographicallyPrecedes($0.utf8) }
            lines.insert(line, at: next ?? lines.count)
        } else {
            lines.removeAll { $0 == line }
        }
        try writeAtomically(Array(lines.map { $0 + "\n" }.joined().utf8), to: path, staging: staging)
    }
}
