import ArgumentParser
import DVC
import Events
import Lineage
import Projections
import Stages

struct DatasetGCCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Show what of the cache nothing needs any more, and why the rest is needed.",
        discussion: """
            Nothing is removed: --plan is all that there is, and free objects can be listed and removed by hand. \
            Exit codes: 0, or 1 when there is no dataset.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Flag(name: .long, help: "Show the plan.")
    var plan = false

    @Flag(name: .long, help: "List the paths of the objects that could be freed, one a line, and nothing else.")
    var paths = false

    func validate() throws {
        guard plan else { throw ValidationError("say --plan: this command only shows what could be freed") }
    }

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        guard let repository = try await DatasetRepository.openForReading(at: store.paths.dataset) else {
            throw NotFound("\(store.paths.dataset) is no git repository yet: nothing was committed")
        }
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        let plan = try await CachePlan(
            repository: repository,
            catalog: store.catalog,
            now: SystemTime().now()
        )
        if options.json { return Terminal.print(plan.json.text) }
        if paths {
            for object in plan.freeable { Terminal.print(repository.cache.objectPath(object.id)) }
            return
        }
        var table = Table(rightAligned: [1, 2])
        for why in CachePlan.Need.allCases {
            guard let sum = plan.needed[why] else { continue }
            table.add("needed", Quantities.count(sum.objects), Quantities.bytes(sum.bytes), Self.words(why))
        }
        let recorded = plan.freeable.filter(\.isRecorded)
        let unknown = plan.freeable.filter { !$0.isRecorded }
        for (objects, why) in [
            (recorded, "made for no version that git still has; can be derived again"),
            (unknown, "nobody here knows it"),
        ] where !objects.isEmpty {
            let bytes = objects.reduce(0) { $0 + $1.bytes }
            table.add("free", Quantities.count(objects.count), Quantities.bytes(bytes), why)
        }
        var lines = [plan.cache.visible]
        lines.append(table.isEmpty ? "  empty" : table.text)
        if let first = plan.missingManifests.first {
            lines.append(
                "Nothing may be called free: the cache lacks \(Quantities.plural(plan.missingManifests.count, "manifest", "manifests")) that something needs, the first is \(first): `dvc fetch --all-commits`"
            )
        }
        Terminal.print(lines.joined(separator: "\n"))
    }

    private static func words(_ need: CachePlan.Need) -> String {
        switch need {
        case .tree: "the work tree's pointers name it"
        case .intent: "a version that is being committed has it"
        case .history: "a commit that git reaches has it"
        case .next: "the next version will have it"
        case .recent: "new and not in the log yet: perhaps on its way there"
        case .foreign: "the cache is shared, and it may be another repository's"
        }
    }
}
