import ArgumentParser
import DVC
import Events
import Lineage
import Projections
import Stages

struct DatasetDiffCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two git revisions of the dataset: tiles added, removed and changed.",
        discussion: """
            Revisions are all that git takes: hashes, tags, branches, HEAD~1. Exit codes: 0 when they hold the same, 1 when \
            they differ or one is not there.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Option(name: .long, help: "Only this partition.")
    var partition: String?

    @Option(name: .long, help: "The most files that are listed of a partition; JSON has all.")
    var limit = 20

    @Argument(help: "The revision to compare from.")
    var from: String

    @Argument(help: "The revision to compare with.")
    var to = "HEAD"

    func validate() throws {
        try check(limit: limit)
    }

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        guard let repository = try await DatasetRepository.openForReading(at: store.paths.dataset) else {
            throw NotFound("\(store.paths.dataset) is no git repository yet: nothing was committed")
        }
        let diff = try await RevisionDiff(
            from: from,
            to: to,
            partition: partition,
            repository: repository,
            catalog: store.catalog
        )
        Terminal.print(options.json ? diff.json.text : text(diff))
        if !diff.isEmpty { throw Exit.negative }
    }

    private func text(_ diff: RevisionDiff) -> String {
        let range = "\(diff.from.prefix(10)) → \(diff.to.prefix(10))"
        guard !diff.isEmpty else { return "\(range): the same tiles." }
        var lines = [
            "\(range): \(words(diff.added)) added, \(words(diff.changed)) changed, \(words(diff.removed)) removed"
        ]
        for partition in diff.partitions {
            let found = partition.diff
            lines.append(
                Terminal.bold(partition.name.visible)
                    + " +\(found.added.count) ~\(found.changed.count) -\(found.removed.count)"
            )
            let files =
                found.added.map { ("+", $0) } + found.changed.map { ("~", $0) } + found.removed.map { ("-", $0) }
            for (mark, path) in files.prefix(limit) { lines.append("  \(mark) \(path.visible)") }
            if files.count > limit {
                lines.append("  … and \(Quantities.count(files.count - limit)) more (--limit)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func words(_ counts: RevisionDiff.Counts) -> String {
        let tiles = Quantities.plural(counts.tiles, "tile", "tiles")
        return counts.indexes == 0 ? tiles : tiles + " (\(Quantities.plural(counts.indexes, "index", "indexes")))"
    }
}
