import Files

/// What DVC would not see of partitions because of a person's `.dvcignore`.
///
/// A partition that is ignored, or a file in it, makes dvc fail or take the partition for changed. The patterns are git's, so
/// git is asked, in a repository that has nothing but them.
struct IgnoredTiles {
    let tree: WorkTree
    private static let file = ".dvcignore"

    /// Throws `conflict` where a file of the changes is ignored.
    func refuse(_ changes: [PartitionChange]) async throws {
        guard let text = try tree.text(Self.file), hasPatterns(text) else { return }
        var paths = ""
        for change in changes {
            guard let manifest = change.manifest else { continue }
            for entry in try ManifestReader.entries(of: manifest.bytes) {
                paths += "./\(change.partition)/\(entry.relpath)\0"
            }
        }
        try createDirectories(tree.staging)
        let directory = temporaryName(in: tree.staging)
        try createDirectories(directory, durable: false)
        defer { try? removeTree(directory) }
        let git = try await Git(repository: directory)
        try await git.run(["init", "--quiet"])
        try writeNew(Array(text.utf8), to: "\(directory)/.gitignore", mode: 0o644, synchronized: false)
        let asked = ["-c", "core.excludesFile=", "check-ignore", "--no-index", "--verbose", "-z", "--stdin"]
        let fields = try await git.run(asked, input: paths, accepting: [0, 1], literally: false).output
            .split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        // Source, line, pattern and path; the pattern that decides may be one that takes back another.
        for start in stride(from: 0, to: fields.count - 3, by: 4) where !fields[start + 2].hasPrefix("!") {
            throw DVCError(
                .conflict,
                "\(tree.repository)/\(Self.file) keeps dvc from \(fields[start + 3].dropFirst(2)) by its line \(fields[start + 1]), \(fields[start + 2].debugDescription): change that line, then try again"
            )
        }
    }

    private func hasPatterns(_ text: String) -> Bool {
        TextLines(text).texts.contains { !$0.isEmpty && !$0.hasPrefix("#") }
    }
}
