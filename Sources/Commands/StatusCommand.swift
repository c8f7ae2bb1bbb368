import ArgumentParser
import EventLog
import Events
import Projections
import Stages

struct StatusCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is in the store, what is under way, and what is wrong.",
        discussion: "Exit codes: 0, or 1 when there is no store."
    )

    @OptionGroup
    var options: StoreOptions

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let report = try await StatusReport.make(store, try Settings(try await options.layers(), cores: 1))
        Terminal.print(options.json ? report.json.text : report.text)
    }
}

/// The state of a store at one moment.
private struct StatusReport {
    let path: String
    let owner: OwnerLock.Holder?
    let head: Int
    let summary: StoreSummary
    let work: [WorkCount]
    let failing: [WorkItem]
    let pauses: [PausedStage]
    let views: [ViewStatus]
    let areViewsTemporary: Bool
    let lag: String?
    let notifications: [(endpoint: String, count: Int)]
    /// The endpoints that are set where the command runs.
    let endpoints: [String]
    let commits: [CatalogCommit]
    let quarantine: [QuarantinedObject]
    /// Objects of the dataset that are missing or damaged, each place counted.
    let damaged: Int
    let unknown: [(type: String, version: Int, count: Int)]
    /// Partitions that wait for `swathlog commit`.
    let uncommitted: [String]
    let tile: String?
    /// Those that have not ended.
    let generations: [CatalogGeneration]
    let dataset: String
    let sources: (raw: [UInt8], sources: [(name: String, report: SourceReport)])?

    static func make(_ store: StoreReader, _ settings: Settings) async throws -> StatusReport {
        let list = WorkList(store.views.database)
        let owner = try store.owner()
        // An agent commits as it was started to, whatever is set where the command runs.
        let isByHand =
            owner == nil
            ? settings.versions.mode == .hand : try await UncommittedByHand.isPolicy(ofAgentIn: store.log)
        return StatusReport(
            path: store.paths.root,
            owner: owner,
            head: store.log.headPosition,
            summary: try await StoreSummary.read(store.views.database),
            work: try await list.counts(),
            failing: try await list.failing(limit: 20),
            pauses: try await store.catalog.pauses(),
            views: try store.views.status(),
            areViewsTemporary: store.views.isTemporary,
            lag: try store.lag(),
            notifications: try await store.catalog.waitingNotifications(),
            endpoints: settings.endpoints.map(\.name),
            commits: try await store.catalog.commits(),
            quarantine: try await store.catalog.quarantined(limit: 20),
            damaged: try await store.catalog.damageCount(),
            unknown: try await store.catalog.unknownEvents(),
            uncommitted: isByHand ? try await UncommittedByHand.partitions(store.catalog) : [],
            tile: try await store.catalog.anyTile(),
            generations: try await store.catalog.generations().filter(\.isPending),
            dataset: store.paths.dataset,
            sources: SourceReport.read(store.paths)
        )
    }

    /// The newest version of each partition.
    private var newest: [CatalogCommit] {
        var seen: Set<String> = []
        return commits.reversed().filter { $0.committedPosition != nil && seen.insert($0.partition).inserted }
            .sorted { $0.partition < $1.partition }
    }

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("store", path)
            $0.set("dataset", dataset)
            $0.set("events", head)
            $0.set(
                "agent",
                owner.map { owner in
                    CanonicalJSON {
                        $0.set("pid", owner.pid)
                        $0.set("host", owner.host)
                        $0.set("since", owner.since)
                    }
                }
            )
            if let sources { $0.set("sources", canonical: sources.raw) }
            if !generations.isEmpty { $0.set("generations", generations.map(\.json)) }
            $0.set("objects", counts(summary.objects))
            $0.set("quarantine", counts(summary.quarantine))
            $0.set("derivations", summary.derivations)
            $0.set("tiles", summary.tiles)
            $0.set("tile_bytes", summary.tileBytes)
            $0.set("tiles_skipped", summary.skippedTiles)
            $0.set("pixels", summary.pixels)
            $0.set(
                "work",
                work.map { count in
                    CanonicalJSON {
                        $0.set("stage", count.stage)
                        $0.set("waiting", count.waiting)
                        $0.set("failing", count.failing)
                        $0.set("oldest_position", count.oldestPosition)
                    }
                }
            )
            $0.set(
                "failing",
                failing.map { item in
                    CanonicalJSON {
                        $0.set("stage", item.stage)
                        $0.set("item", item.item)
                        $0.set("attempts", item.attempts)
                        $0.set("next_attempt_at", item.notBefore.description)
                        $0.set("reason", item.reason)
                        $0.set("message", item.message)
                    }
                }
            )
            $0.set("pauses", pauses.map(\.json))
            $0.set("views", views.map(\.json))
            $0.set("views_are_temporary", areViewsTemporary)
            $0.set(
                "notifications",
                notifications.map { waiting in
                    CanonicalJSON {
                        $0.set("endpoint", waiting.endpoint)
                        $0.set("waiting", waiting.count)
                        $0.set("is_configured", endpoints.contains(waiting.endpoint))
                    }
                }
            )
            $0.set(
                "datasets",
                newest.map { commit in
                    CanonicalJSON {
                        $0.set("partition", commit.partition)
                        $0.set("manifest", commit.manifest)
                        $0.set("git_commit", commit.gitCommit)
                        $0.set("files", commit.files)
                        $0.set("bytes", commit.bytes)
                        $0.set(
                            "versions",
                            commits.filter { $0.partition == commit.partition && $0.committedPosition != nil }.count
                        )
                        $0.set("pushed", commit.pushedPosition != nil)
                    }
                }
            )
            $0.set(
                "quarantined",
                quarantine.map { object in
                    CanonicalJSON {
                        $0.set("object", object.id)
                        $0.set("bucket", object.bucket)
                        $0.set("key", object.key)
                        $0.set("reason", object.reason)
                        $0.set("message", object.message)
                        $0.set("position", object.position)
                    }
                }
            )
            $0.set("uncommitted", uncommitted)
            $0.set("damaged", damaged)
            $0.set("unknown_events", unknown.reduce(0) { $0 + $1.count })
            $0.set("example_tile", tile)
        }
    }

    private func counts(_ values: [String: Int]) -> CanonicalJSON {
        CanonicalJSON { json in for (name, count) in values { json.set(name, count) } }
    }

    var text: String {
        var table = Table()
        table.add("store", path)
        table.add("agent", owner.map { "pid \($0.pid) on \($0.host) since \($0.since)" } ?? "none is running")
        table.add("log", Quantities.plural(head, "event", "events"))
        for (name, report) in sources?.sources ?? [] {
            table.add("source", "\(name)  \(report.text.visible)" + (owner == nil ? " (of the last run)" : ""))
        }
        let states = summary.objects.sorted { $0.key < $1.key }.map { "\(Quantities.count($0.value)) \($0.key)" }
        table.add("objects", states.isEmpty ? "none" : states.joined(separator: ", "))
        table.add(
            "tiles",
            "\(Quantities.count(summary.tiles)) (\(Quantities.bytes(summary.tileBytes))) of \(Quantities.plural(summary.derivations, "derivation", "derivations"))"
        )
        if summary.skippedTiles > 0 {
            table.add("left out", Quantities.plural(summary.skippedTiles, "blank tile", "blank tiles"))
        }
        for commit in newest {
            table.add(
                "dataset",
                "\(commit.partition)  \(Quantities.plural(commit.files, "file", "files")), \(Quantities.bytes(commit.bytes)), git \(commit.gitCommit?.prefix(12) ?? ""), md5 \(commit.manifest)"
            )
        }
        for generation in generations {
            let done = generation.objects - generation.waiting
            table.add(
                "reprocess",
                "\(generation.state.rawValue): \(Quantities.count(done)) of \(Quantities.count(generation.objects)) objects, recipe \(String(generation.recipe.description.prefix(12)))"
            )
        }
        for count in work {
            table.add(
                "work",
                "\(count.stage): \(Quantities.count(count.waiting)) waiting"
                    + (count.failing > 0 ? ", \(count.failing) failing" : "")
            )
        }
        var lines = [table.text]
        lines += troubles
        return lines.joined(separator: "\n")
    }

    private var troubles: [String] {
        var lines: [String] = []
        for pause in pauses {
            let why = "\(pause.reason): \(pause.message.visible)"
            lines.append(Terminal.red("Paused: \(pause.stage), \(why)"))
        }
        for waiting in notifications where !endpoints.contains(waiting.endpoint) {
            lines.append(
                "Kept: \(Quantities.plural(waiting.count, "notification", "notifications")) for \(waiting.endpoint.visible), which is no endpoint that is set here: an agent delivers them when it is"
            )
        }
        if !uncommitted.isEmpty {
            lines.append(
                "By hand: \(Quantities.plural(uncommitted.count, "partition waits", "partitions wait")) for `swathlog commit`: \(uncommitted.map(\.visible).joined(separator: ", "))"
            )
        }
        if damaged > 0 {
            lines.append(
                Terminal.red(
                    "Damaged: \(Quantities.plural(damaged, "object", "objects")) of the dataset missing or with other bytes: `swathlog dataset show` has them, `swathlog dataset verify --remote --repair` puts them right"
                )
            )
        }
        if areViewsTemporary {
            lines.append("Views: built for this answer alone; an agent or `swathlog replay` makes those that stay")
        }
        if let lag { lines.append("Views: \(lag)") }
        for view in views where view.failedPosition != nil {
            lines.append(
                Terminal.red(
                    "View \(view.name) stopped at position \(view.failedPosition ?? 0): \((view.failure ?? "").visible)"
                )
            )
        }
        for item in failing {
            lines.append(
                "Failing: \(item.stage) \(item.item), \(item.attempts) times, again at \(item.notBefore): \((item.message ?? "").visible)"
            )
        }
        if !unknown.isEmpty {
            lines.append(
                "Kept but not folded: "
                    + unknown.map { "\($0.count) \($0.type.visible) v\($0.version)" }.joined(separator: ", ")
            )
        }
        guard summary.quarantined > 0 else { return lines }
        lines.append(Terminal.red("\(Quantities.plural(summary.quarantined, "object", "objects")) in quarantine:"))
        var table = Table()
        for object in quarantine { table.add(object.key, object.reason, object.message) }
        lines.append(table.text)
        return lines
    }
}
