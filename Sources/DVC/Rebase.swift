import Files

/// Makes commits of pointers anew on top of what others have pushed, with the same contents, message, author and trailers.
///
/// Only commits that change nothing but the dataset's own files are moved, and only where others did not change the same
/// ones: a pointer that both changed is a conflict that a person has to resolve. Nothing is checked out meanwhile: trees are
/// made in an index of their own, the branch moves by comparing and swapping, then the few files that others changed come
/// into the work tree. A reference remembers where the branch stood until that is done, so a kill at any instant leaves
/// the old branch, or one that `finish` brings the work tree to. The caller holds DVC's lock; the files that change are
/// claimed as well, so that nothing changes under a stage of a person's that `dvc repro` is running.
struct Rebase {
    let git: Git
    let lock: DVCLock
    let isSigned: Bool

    /// What was fetched.
    static let theirs = "refs/swathlog/theirs"
    private static let before = "refs/swathlog/before-rebase"

    private struct Entry: Equatable {
        /// As git writes it, six digits; zeros for a file that is not there.
        var mode: String
        var object: String

        var isAbsent: Bool { mode == "000000" }
    }

    private struct Change {
        let path: String
        let old: Entry
        let new: Entry
    }

    private static let absent = Entry(mode: "000000", object: "")

    private static func same(_ left: Entry, _ right: Entry) -> Bool {
        left == right || left.isAbsent && right.isAbsent
    }

    /// - Returns: whether the branch has moved.
    func run() async throws -> Bool {
        try await finish()
        let ancestry = try await git.run(["merge-base", "--is-ancestor", Self.theirs, "HEAD"], accepting: [0, 1])
        if ancestry.status == 0 { return false }
        let head = try await git.run(["rev-parse", "--verify", "HEAD"]).line
        let theirs = try await git.run(["rev-parse", "--verify", Self.theirs]).line
        var tip = theirs
        for commit in try await git.run(["rev-list", "--reverse", "--topo-order", "HEAD", "^\(theirs)"]).line
            .split(separator: "\n").map(String.init)
        {
            tip = try await move(commit, onto: tip)
        }
        guard tip != head else { return false }
        let changes = try await changes(from: head, to: tip)
        try await refuseLocalChanges(changes)
        try claim(changes)
        try await git.run(["update-ref", Self.before, head])
        // Fails where somebody has committed meanwhile: then all of it is done again.
        try await git.run(["update-ref", "-m", "swathlog: rebase", "HEAD", tip, head])
        try await bring(changes)
        return true
    }

    /// Whether a branch was moved by a process that was killed before it could finish.
    static func isUnfinished(_ git: Git) async throws -> Bool {
        try await git.run(["rev-parse", "--verify", "--quiet", before], accepting: [0, 1]).status == 0
    }

    /// Brings index and work tree to a branch that was moved; nothing where that is done.
    func finish() async throws {
        let found = try await git.run(["rev-parse", "--verify", "--quiet", Self.before], accepting: [0, 1])
        guard found.status == 0 else { return }
        let changes = try await changes(from: found.line, to: "HEAD")
        try claim(changes)
        try await bring(changes)
    }

    private func claim(_ changes: [Change]) throws {
        let real = try realPath(git.repository) ?? git.repository
        try lock.claim(changes.map { "\(real)/\($0.path)" })
    }

    private func bring(_ changes: [Change]) async throws {
        if !changes.isEmpty {
            let entries = changes.map { "\($0.new.mode) \($0.new.object)\t\($0.path)\0" }.joined()
            try await git.run(["update-index", "-z", "--index-info"], input: entries)
            try await checkOut(changes)
        }
        try await git.run(["update-ref", "-d", Self.before])
    }

    private func checkOut(_ changes: [Change]) async throws {
        var (known, fresh) = ("", "")
        for change in changes {
            let file = "\(git.repository)/\(change.path)"
            let isThere = try fileInfo(file) != nil
            // What a person changed since stays theirs, and so does a file where a directory would be.
            if isThere, try await object(of: file) != change.old.object { continue }
            if try blockade(of: change.path) != nil { continue }
            if change.new.isAbsent {
                if isThere { try removeFile(file) }
            } else if isThere {
                known += "\(change.path)\0"
            } else {
                fresh += "\(change.path)\0"
            }
        }
        let arguments = ["checkout-index", "--index", "-z", "--stdin"]
        try await git.run(arguments + ["--force"], input: known)
        // 1: somebody has just made a file of that name, which git then leaves alone.
        try await git.run(arguments, input: fresh, accepting: [0, 1])
    }

    /// What is no directory where a path needs one; nil for nothing.
    private func blockade(of path: String) throws -> String? {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += folder.isEmpty ? String(part) : "/\(part)"
            guard let found = try fileInfo("\(git.repository)/\(folder)") else { return nil }
            if found.kind != .directory { return folder }
        }
        return nil
    }

    private func object(of file: String) async throws -> String {
        try await git.run(["hash-object", "--", file], accepting: [0, 128]).line
    }

    private func refuseLocalChanges(_ changes: [Change]) async throws {
        guard !changes.isEmpty else { return }
        let paths = changes.map(\.path)
        try await git.run(["update-index", "-q", "--refresh"], accepting: [0, 1])
        let listed = try await git.run(["diff", "--no-ext-diff", "--name-only", "-z", "HEAD", "--"] + paths)
        var changed = listed.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let gone = Set(changes.filter(\.new.isAbsent).map(\.path))
        for change in changes where change.old.isAbsent {
            if try fileInfo("\(git.repository)/\(change.path)") != nil { changed.append(change.path) }
            if let file = try blockade(of: change.path), !gone.contains(file) { changed.append(file) }
        }
        guard let first = changed.first else { return }
        throw DVCError(
            .localChanges,
            "others have pushed a change where \(first.debugDescription) is, and you have changed that in \(git.repository) without a commit: commit it or put it aside"
        )
    }

    // MARK: One commit

    private func move(_ commit: String, onto base: String) async throws -> String {
        let bytes = try await git.run(["cat-file", "commit", commit]).output
        guard let content = String(validating: bytes, as: UTF8.self), let end = content.firstRange(of: "\n\n") else {
            throw diverged(commit, "can't be read")
        }
        let fields = content[..<end.lowerBound].split(separator: "\n")
        let parents = fields.filter { $0.hasPrefix("parent ") }.map { String($0.dropFirst(7)) }
        guard parents.count < 2 else { throw diverged(commit, "is a merge") }
        let changes = try await changes(from: parents.first, to: commit)
        if let other = changes.first(where: { !SetUp.isOfDataset($0.path) }) {
            throw diverged(commit, "changes \(other.path.debugDescription)")
        }
        let tree = try await tree(of: base, with: try await merged(changes, into: base, by: commit))
        guard let author = fields.first(where: { $0.hasPrefix("author ") }).flatMap(Self.author) else {
            throw diverged(commit, "has no author")
        }
        return try await git.run(
            ["commit-tree", tree, "-p", base, "-F", "-"] + (isSigned ? ["--gpg-sign"] : []),
            input: String(content[end.upperBound...]),
            variables: author
        ).line
    }

    /// The variables that give a commit an author, from its header's line.
    private static func author(_ line: Substring) -> [String]? {
        let text = line.dropFirst("author ".count)
        guard let open = text.firstIndex(of: "<"), let close = text.lastIndex(of: ">") else { return nil }
        let name = text[..<open].dropLast()
        return [
            "GIT_AUTHOR_NAME=\(name)", "GIT_AUTHOR_EMAIL=\(text[text.index(after: open)..<close])",
            "GIT_AUTHOR_DATE=@\(text[text.index(after: close)...].dropFirst())",
        ]
    }

    private func diverged(_ commit: String, _ why: String) -> DVCError {
        DVCError(
            .diverged,
            "others have pushed, and commit \(commit.prefix(12)) here \(why), which is not this program's to move: `git pull --rebase` in \(git.repository)"
        )
    }

    /// What becomes of the changed files on top of the base.
    private func merged(_ changes: [Change], into base: String, by commit: String) async throws -> [Change] {
        var merged: [Change] = []
        let there = try await entries(changes.map(\.path), at: base)
        for change in changes {
            let current = there[change.path] ?? Self.absent
            if Self.same(current, change.new) { continue }
            if Self.same(current, change.old) {
                merged.append(change)
            } else if change.path == ".gitignore", !change.new.isAbsent {
                merged.append(
                    Change(path: change.path, old: current, new: try await lines(change, onto: current))
                )
            } else {
                throw DVCError(
                    .diverged,
                    "commit \(commit.prefix(12)) and others' commits both change \(change.path): one of the two has to give way, `git pull --rebase` in \(git.repository) lets you choose"
                )
            }
        }
        return merged
    }

    /// A file of lines with those added and removed that a change adds and removes.
    private func lines(_ change: Change, onto current: Entry) async throws -> Entry {
        let (old, new) = (try await lines(of: change.old).texts, try await lines(of: change.new).texts)
        var result = try await lines(of: current)
        result.removeAll { old.contains($0) && !new.contains($0) }
        for line in new where !old.contains(line) && !result.texts.contains(line) { result.append(line) }
        let object = try await git.run(["hash-object", "-w", "--stdin"], input: result.text).line
        return Entry(mode: current.isAbsent ? change.new.mode : current.mode, object: object)
    }

    private func lines(of entry: Entry) async throws -> TextLines {
        guard !entry.isAbsent else { return TextLines("") }
        let blob = try await git.run(["cat-file", "blob", entry.object]).output
        return TextLines(String(decoding: blob, as: UTF8.self))
    }

    private func tree(of base: String, with changes: [Change]) async throws -> String {
        if changes.isEmpty { return try await git.run(["rev-parse", "\(base)^{tree}"]).line }
        let index = ["GIT_INDEX_FILE=\(git.repository)/.dvc/tmp/swathlog/rebase-index"]
        try await git.run(["read-tree", base], variables: index)
        let entries = changes.map { "\($0.new.mode) \($0.new.object)\t\($0.path)\0" }.joined()
        try await git.run(["update-index", "-z", "--index-info"], input: entries, variables: index)
        return try await git.run(["write-tree"], variables: index).line
    }

    private func entries(_ paths: [String], at commit: String) async throws -> [String: Entry] {
        guard !paths.isEmpty else { return [:] }
        var entries: [String: Entry] = [:]
        for line in try await git.run(["ls-tree", "-z", commit, "--"] + paths).output.split(separator: 0) {
            let parts = String(decoding: line, as: UTF8.self).split(separator: "\t", maxSplits: 1)
            let facts = parts[0].split(separator: " ")
            guard parts.count == 2, facts.count == 3 else { continue }
            entries[String(parts[1])] = Entry(mode: String(facts[0]), object: String(facts[2]))
        }
        return entries
    }

    /// The files that differ between two commits; from nil, all of the second.
    private func changes(from old: String?, to new: String) async throws -> [Change] {
        let range = old.map { [$0, new] } ?? ["--root", "--no-commit-id", new]
        let arguments = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"] + range
        let parts = try await git.run(arguments).output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return stride(from: 0, to: parts.count - 1, by: 2).compactMap { index in
            // `:oldmode newmode oldobject newobject status`
            let facts = parts[index].dropFirst().split(separator: " ").map(String.init)
            guard facts.count == 5 else { return nil }
            return Change(
                path: parts[index + 1],
                old: Entry(mode: facts[0], object: facts[2]),
                new: Entry(mode: facts[1], object: facts[3])
            )
        }
    }
}
