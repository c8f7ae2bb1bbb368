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
        var pointers: [String: Pointer] = [:]
        for (partition, text) in zip(blobs.map(\.partition), try await git.texts(blobs.map(\.blob))) {
            if let text, let pointer = try? Pointer(parsing: text) { pointers[partition] = pointer }
        }
        return pointers
    }

    /// The ids of all objects that pointers name: those of every commit that a branch, tag or stash reaches, those that
    /// are staged, and those in the work tree.
    ///
    /// Pointers of any kind count, `dvc.lock` and those below other directories too: they are a person's, and what they
    /// name is as needed as the rest. One that can't be read is an error.
    package func namedObjects() async throws -> (tree: Set<String>, history: Set<String>) {
        let blobs = try await committedPointers().union(try await stagedPointers())
        var history: Set<String> = []
        for case let text? in try await git.texts(blobs.sorted()) { history.formUnion(Self.ids(in: text)) }
        var tree: Set<String> = []
        let files = try await git.run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output
        for name in files.split(separator: 0).map({ String(decoding: $0, as: UTF8.self) }) where Self.isPointer(name) {
            // One that was removed and not yet staged so is listed as well.
            guard try fileInfo("\(path)/\(name)") != nil else { continue }
            tree.formUnion(Self.ids(in: String(decoding: try readFile("\(path)/\(name)"), as: UTF8.self)))
        }
        return (tree, history)
    }

    /// The blobs that a commit has put under a pointer's name; a blob has as many names as files of its contents.
    private func committedPointers() async throws -> Set<String> {
        let commits = try await stashed()
        let changes = try await git.run(
            ["log", "--all", "--stdin", "-z", "--raw", "--no-renames", "-m", "--root", "--format=", "--no-abbrev"],
            input: commits.map { $0 + "\n" }.joined()
        ).output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        var blobs: Set<String> = []
        var facts: [Substring] = []
        for part in changes {
            // `:oldmode newmode oldobject newobject status`, then the name
            guard facts.isEmpty else {
                if Self.isPointer(part), !facts[1].allSatisfy({ $0 == "0" }) { blobs.insert(String(facts[3])) }
                facts = []
                continue
            }
            let fields = part.drop(while: \.isNewline).split(separator: " ")
            if fields.count == 5, fields[0].hasPrefix(":") { facts = fields }
        }
        return blobs
    }

    private func stagedPointers() async throws -> Set<String> {
        var blobs: Set<String> = []
        for entry in try await git.run(["ls-files", "-z", "--stage"]).output.split(separator: 0) {
            // <mode> <blob> <stage>\t<name>
            let parts = String(decoding: entry, as: UTF8.self).split(separator: "\t", maxSplits: 1)
            let facts = parts[0].split(separator: " ")
            if parts.count == 2, facts.count == 3, Self.isPointer(String(parts[1])) { blobs.insert(String(facts[1])) }
        }
        return blobs
    }

    /// The commits of all stash entries, git's and those of DVC's experiments: the reference reaches the newest alone.
    private func stashed() async throws -> [String] {
        var commits: [String] = []
        for name in try await git.run(["for-each-ref", "--format=%(refname)"]).line.split(separator: "\n")
        where name.hasSuffix("/stash") || name.hasPrefix("refs/exps/celery/") {
            // 128: it has no log.
            let arguments = ["log", "--walk-reflogs", "--format=%H", String(name), "--"]
            let found = try await git.run(arguments, accepting: [0, 128])
            if found.status == 0 { commits += found.line.split(separator: "\n").map(String.init) }
        }
        return commits
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
