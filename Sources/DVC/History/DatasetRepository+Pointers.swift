import Files

extension DatasetRepository {
    /// The pointers of a commit's top directory by partition; what can't be read as one of a directory is a person's own.
    package func pointers(at commit: String) async throws -> [String: Pointer] {
        let listed = try await git.run(["ls-tree", "-z", "--end-of-options", commit]).output.split(separator: 0)
        var blobs: [(partition: String, blob: String)] = []
        for line in listed.map({ String(decoding: $0, as: UTF8.self) }) {
            // <mode> <type> <hash>\t<name>
            let parts = line.split(separator: "\t", maxSplits: 1)
            let facts = parts[0].split(separator: " ")
            guard parts.count == 2, facts.count == 3, facts[1] == "blob", parts[1].hasSuffix(".dvc") else { continue }
            blobs.append((String(parts[1].dropLast(4)), String(facts[2])))
        }
        let texts = try await texts(ofBlobs: blobs.map(\.blob))
        var pointers: [String: Pointer] = [:]
        for (partition, blob) in blobs {
            if let text = texts[blob], let pointer = try? Pointer(parsing: text) { pointers[partition] = pointer }
        }
        return pointers
    }

    /// The ids of all objects that pointers name: those of every commit that a branch, tag or stash reaches, those that
    /// are staged, and those in the work tree.
    ///
    /// Pointers of any kind count, `dvc.lock` and those below other directories too: they are a person's, and what they
    /// name is as needed as the rest. One that can't be read is an error.
    package func namedObjects() async throws -> (tree: Set<String>, history: Set<String>) {
        let commits = try await stashed()
        let objects = try await git.run(
            ["rev-list", "--all", "--objects", "--indexed-objects", "--stdin"],
            input: commits.map { $0 + "\n" }.joined()
        ).output
        var blobs: Set<String> = []
        for line in objects.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard parts.count == 2, Self.isPointer(String(decoding: parts[1], as: UTF8.self)) else { continue }
            blobs.insert(String(decoding: parts[0], as: UTF8.self))
        }
        var history: Set<String> = []
        for text in try await texts(ofBlobs: blobs.sorted()).values { history.formUnion(Self.ids(in: text)) }
        var tree: Set<String> = []
        let files = try await git.run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output
        for name in files.split(separator: 0).map({ String(decoding: $0, as: UTF8.self) }) where Self.isPointer(name) {
            // One that was removed and not yet staged so is listed as well.
            guard try fileInfo("\(path)/\(name)") != nil else { continue }
            tree.formUnion(Self.ids(in: String(decoding: try readFile("\(path)/\(name)"), as: UTF8.self)))
        }
        return (tree, history)
    }

    /// The commits of all stash entries, git's and those of `dvc exp run --queue`: the reference reaches the newest alone.
    private func stashed() async throws -> [String] {
        var commits: [String] = []
        for stash in ["refs/stash", "refs/exps/stash"] {
            // 128: there is none.
            let found = try await git.run(["log", "--walk-reflogs", "--format=%H", stash, "--"], accepting: [0, 128])
            if found.status == 0 { commits += found.line.split(separator: "\n").map(String.init) }
        }
        return commits
    }

    /// The texts of blobs by their hashes.
    private func texts(ofBlobs blobs: [String]) async throws -> [String: String] {
        if blobs.isEmpty { return [:] }
        let input = blobs.map { $0 + "\n" }.joined()
        let output = try await git.run(["cat-file", "--batch"], input: input).output
        var texts: [String: String] = [:]
        var rest = output[...]
        // <hash> <type> <size>\n<contents>\n, or <hash> missing\n
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let head = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            rest = rest[(end + 1)...]
            guard head.count == 3, let size = Int(head[2]), size < rest.count else { continue }
            texts[String(head[0])] = String(decoding: rest.prefix(size), as: UTF8.self)
            rest = rest.dropFirst(size + 1)
        }
        return texts
    }

    private nonisolated static func isPointer(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".dvc") && name != ".dvc" || name == "dvc.lock"
    }

    /// Everything in a text that may be an object's id: 32 hexadecimal digits, perhaps with `.dir`.
    private nonisolated static func ids(in text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == ".") }.compactMap { word in
            let digits = word.hasSuffix(".dir") ? word.dropLast(4) : word
            return String(digits).isMD5 ? String(word) : nil
        }
    }
}
