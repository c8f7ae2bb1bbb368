import ArgumentParser
import DVC
import EventLog
import Events
import Files
import Projections
import ServiceLifecycle
import Stages
import Synchronization

struct CommitCommand: StoreCommand {
    static let mode = "commit"

    static let configuration = CommandConfiguration(
        commandName: "commit",
        abstract: "Make what the partitions hold now a dataset version, whatever the commit policy says.",
        discussion: """
            Beside a running agent, that one commits, and the command waits for it. Without one the command commits, pushes \
            and tells endpoints itself; it takes nothing in and cuts nothing. Exit codes: 0 done or nothing to commit, 1 there \
            is no such partition, 70 something could not be committed; it says why.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Option(name: .long, help: "Only this partition; may be repeated. All where it is left out.")
    var partition: [String] = []

    @Option(name: .long, help: "Seconds to wait for a running agent.")
    var timeout = 300

    func validate() throws {
        guard timeout >= 0 else { throw ValidationError("--timeout is 0 or more") }
    }

    func execute() async throws {
        let layers = try await options.layers()
        let paths = try StorePaths(layers)
        let store = try await StoreReader.open(paths)
        var targets: [String: Int] = [:]
        for name in try await names(store) {
            guard let found = try await store.catalog.partition(name) else {
                throw NotFound("there is no partition \(name): `swathlog status` lists those that were committed")
            }
            if found.changedPosition > found.committedThrough { targets[name] = found.changedPosition }
        }
        let lost = try await lost(paths, store)
        guard !targets.isEmpty || !lost.isEmpty else { return report(CommitOutcome(commits: [], waiting: [])) }
        try await OperatorRequest(paths: paths).submit(
            targets.keys.sorted().map { .init(CommitRequested(partition: $0), stream: .dataset($0)) }
        )
        let outcome: CommitOutcome
        do {
            outcome = try await alone(layers, targets, lost)
        } catch let error as EventLogError where error.code == .locked {
            outcome = try await CommitWait(store: store, targets: targets, timeout: .seconds(timeout)).wait()
        }
        report(outcome)
        if !outcome.waiting.isEmpty { throw Exit.failure }
    }

    /// Partitions that the dataset lacks, with a position that their next version is behind; an agent that runs learns of
    /// them at its next start.
    private func lost(_ paths: StorePaths, _ store: StoreReader) async throws -> [String: Int] {
        let repository = try await DatasetRepository.openForReading(at: paths.dataset)
        let versions = try await LostPartitions(of: store.catalog, in: repository).versions
            .filter { partition.isEmpty || partition.contains($0.partition) }
        return Dictionary(uniqueKeysWithValues: versions.map { ($0.partition, $0.throughPosition + 1) })
    }

    private func names(_ store: StoreReader) async throws -> [String] {
        partition.isEmpty ? try await store.catalog.uncommittedPartitions() : partition
    }

    /// Commits as the one that owns the store; throws `locked` where an agent does.
    private func alone(
        _ layers: SettingLayers,
        _ targets: [String: Int],
        _ lost: [String: Int]
    ) async throws -> CommitOutcome {
        let agent = try await Agent.open(layers, mode: Self.mode) { _ in
            CommitPolicy(mode: .hand, quiet: .zero, longest: .zero)
        }
        // That they are lost is in the log by now, so there is something to ask for.
        try await agent.log.append(
            lost.keys.sorted().map { ProposedEvent(CommitRequested(partition: $0), stream: .dataset($0)) }
        )
        let run = CommitRun(agent: agent)
        try await agent.signals().run(ServiceGroup.swathlog(agent, main: run))
        let asked = targets.merging(lost) { $1 }
        let outcome = try await CommitOutcome(agent.catalog, asked, stuck: run.stuck)
        try await agent.close(run.isFinished ? "finished" : "asked-to-stop")
        if !run.isFinished { throw Exit.interrupted }
        return outcome
    }

    private func report(_ outcome: CommitOutcome) {
        Terminal.print(options.json ? outcome.json.text : outcome.text)
    }
}

/// The one-shot job: wait until what was asked for is committed and pushed.
private final class CommitRun: Service {
    private let agent: Agent
    private let state = Mutex((isFinished: false, stuck: [StuckWork]()))

    init(agent: Agent) {
        self.agent = agent
    }

    var isFinished: Bool { state.withLock { $0.isFinished } }
    var stuck: [StuckWork] { state.withLock { $0.stuck } }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                let stages: Set = ["versioning", "pushing", "sharing", "announcing"]
                let stuck = try await LeftWork(agent: self.agent, commitsByHand: true, stages: stages).wait()
                self.state.withLock { $0 = (true, stuck) }
            }
        } catch is CancellationError {}
    }
}

/// Waits for an agent that runs to commit partitions.
private struct CommitWait {
    let store: StoreReader
    /// The newest change of each that is to be in a commit.
    let targets: [String: Int]
    let timeout: Duration

    func wait() async throws -> CommitOutcome {
        let deadline = ContinuousClock.now + timeout
        var told: Set<String> = []
        while true {
            let outcome = try await CommitOutcome(store.catalog, targets, stuck: [])
            guard !outcome.waiting.isEmpty, ContinuousClock.now < deadline else { return outcome }
            for waiting in outcome.waiting where waiting.reason != nil && told.insert(waiting.text).inserted {
                Terminal.complain("swathlog: \(waiting.text)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

/// What became of partitions that were to be committed.
private struct CommitOutcome {
    struct Waiting {
        let partition: String
        let reason: String?
        let message: String

        var text: String { "\(partition) is not committed yet\(reason.map { " (\($0))" } ?? ""): \(message)" }
    }

    var commits: [CatalogCommit]
    var waiting: [Waiting]
    /// Pushes and the like that can't be done before somebody does something.
    var stuck: [StuckWork] = []

    init(commits: [CatalogCommit], waiting: [Waiting]) {
        self.commits = commits
        self.waiting = waiting
    }

    init(_ catalog: CatalogReader, _ targets: [String: Int], stuck: [StuckWork]) async throws {
        commits = []
        waiting = []
        for (name, target) in targets.sorted(by: { $0.key < $1.key }) {
            guard let commit = try await catalog.lastCommit(of: name), commit.throughPosition >= target else {
                waiting.append(try await Self.waiting(name, catalog))
                continue
            }
            commits.append(commit)
        }
        self.stuck = stuck.filter { $0.stage != "versioning" }
    }

    private static func waiting(_ partition: String, _ catalog: CatalogReader) async throws -> Waiting {
        if let item = try await catalog.work.item("versioning", partition), let reason = item.reason {
            return Waiting(partition: partition, reason: reason, message: item.message ?? "")
        }
        if let pause = try await catalog.pauses().first(where: { $0.stage == "versioning" }) {
            return Waiting(partition: partition, reason: pause.reason, message: pause.message)
        }
        if try await catalog.mixesRecipes(partition) {
            return Waiting(
                partition: partition,
                reason: "mixed-recipes",
                message: "some of its images are still to be cut by the new recipe: `swathlog run` or `ingest` does it"
            )
        }
        return Waiting(partition: partition, reason: nil, message: "the agent has asked for no more time: try again")
    }

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("commits", commits.map(\.reportJSON))
            $0.set(
                "waiting",
                waiting.map { waiting in
                    CanonicalJSON {
                        $0.set("partition", waiting.partition)
                        $0.set("reason", waiting.reason)
                        $0.set("message", waiting.message)
                    }
                }
            )
            $0.set("stuck", stuck.map(\.json))
        }
    }

    var text: String {
        guard !commits.isEmpty || !waiting.isEmpty else { return "Nothing to commit." }
        var lines = commits.map { commit in
            "\(commit.partition)  \(Quantities.plural(commit.files, "file", "files"))  git \(commit.gitCommit ?? "")"
                + (commit.tag.map { "  tag \($0)" } ?? "")
        }
        lines += waiting.map(\.text)
        lines += stuck.map(\.text)
        return lines.joined(separator: "\n")
    }
}
