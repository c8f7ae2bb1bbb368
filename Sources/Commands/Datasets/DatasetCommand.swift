import ArgumentParser
import Events
import Projections

struct DatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset",
        abstract: "Show the dataset's partitions and versions, compare them, and check and mend their objects.",
        discussion: "Works beside a running agent and without one.",
        subcommands: [
            DatasetListCommand.self, DatasetShowCommand.self, DatasetDiffCommand.self, DatasetVerifyCommand.self,
            DatasetGCCommand.self,
        ],
        defaultSubcommand: DatasetListCommand.self
    )
}

struct DatasetListCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the partitions with their newest versions.",
        discussion: "Exit codes: 0, or 1 when there is no store."
    )

    @OptionGroup
    var options: StoreOptions

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        let versions = Dictionary(grouping: try await store.catalog.commits(), by: \.partition)
        let partitions = try await store.catalog.partitions().map { partition in
            DatasetPartition(partition, versions[partition.name, default: []])
        }
        if options.json {
            let json = CanonicalJSON { $0.set("partitions", partitions.map(\.json)) }
            return Terminal.print(json.text)
        }
        guard !partitions.isEmpty else { return Terminal.print("The dataset has no partition yet.") }
        var table = Table(rightAligned: [1, 2, 3])
        table.add("partition", "versions", "files", "size", "newest", "state")
        for partition in partitions {
            let newest = partition.newest
            table.add(
                partition.name,
                Quantities.count(partition.versions.count),
                newest.map { Quantities.count($0.files) } ?? "-",
                newest.map { Quantities.bytes($0.bytes) } ?? "-",
                newest?.gitCommit.map { String($0.prefix(10)) } ?? "-",
                partition.state
            )
        }
        Terminal.print(table.text)
    }
}

/// A partition with its versions, as commands tell of them.
struct DatasetPartition {
    let name: String
    /// Committed ones, oldest first.
    let versions: [CatalogCommit]
    private let isChanged: Bool
    private let isCommitting: Bool

    init(_ partition: CatalogPartition, _ commits: [CatalogCommit]) {
        name = partition.name
        versions = commits.filter { $0.committedPosition != nil }
        isChanged = partition.changedPosition > partition.committedThrough
        isCommitting = commits.last.map { $0.committedPosition == nil } ?? false
    }

    var newest: CatalogCommit? { versions.last }

    /// What is to be done for it.
    var state: String {
        if isCommitting { return "being committed" }
        if isChanged { return "changes to commit" }
        guard let newest else { return "empty" }
        if newest.remote != nil, newest.pushedPosition == nil { return "to be pushed" }
        return newest.remote == nil ? "committed" : "pushed"
    }

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("partition", name)
            $0.set("versions", versions.count)
            $0.set("state", state)
            if let newest { $0.set("newest", newest.json) }
        }
    }
}
