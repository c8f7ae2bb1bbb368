import EventLog
import Events
import Intake
import Projections
import Stages

/// What one ingest did.
struct IngestReport {
    let seconds: Double
    let intake: FolderIntake.Summary
    let summary: StoreSummary
    let commits: [CatalogCommit]
    let quarantine: [QuarantinedObject]
    let dataset: String
    let head: TreeHead?
    let publicKey: VerifierKey?
    let isFinished: Bool
    let workers: Int
    let waitingNotifications: Int
    /// What can't be done before somebody does something.
    let stuck: [StuckWork]
    /// Partitions whose tiles wait for `swathlog commit`.
    let uncommitted: [String]

    private static let listed = 10

    var quarantined: Int { quarantine.count }

    static func make(_ agent: Agent, _ run: IngestRun) async throws -> IngestReport {
        let work = WorkList(agent.projector.database)
        let waiting = try await work.counts().first { $0.stage == "notifying" }
        return IngestReport(
            seconds: (ContinuousClock.now - run.start) / .seconds(1),
            intake: run.summary,
            summary: try await StoreSummary.read(agent.projector.database, since: run.startPosition),
            commits: try await agent.catalog.commits().filter { ($0.committedPosition ?? 0) > run.startPosition },
            quarantine: try await agent.catalog.quarantined(since: run.startPosition, limit: .max),
            dataset: agent.paths.dataset,
            head: agent.log.treeHead,
            publicKey: agent.log.publicKey,
            isFinished: run.isFinished,
            workers: agent.settings.workers,
            waitingNotifications: waiting?.waiting ?? 0,
            stuck: run.stuck,
            uncommitted: run.isFinished && agent.settings.versions.mode == .hand
                ? try await agent.catalog.uncommittedPartitions() : []
        )
    }

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("finished", isFinished)
            $0.set("seconds", seconds)
            $0.set("files_seen", intake.seen)
            $0.set("objects_observed", intake.observed)
            $0.set("objects_removed", intake.removed)
            $0.set("objects_quarantined", quarantined)
            $0.set("derivations", summary.derivations)
            $0.set("tiles", summary.tiles)
            $0.set("tile_bytes", summary.tileBytes)
            $0.set("tiles_skipped", summary.skippedTiles)
            $0.set("pixels", summary.pixels)
            $0.set("megapixels_per_second", seconds > 0 ? Double(summary.pixels) / 1e6 / seconds : nil)
            $0.set("commits", commits.map(\.reportJSON))
            $0.set("log_size", head?.size)
            $0.set("log_root", head?.root)
            $0.set("log_key", publicKey?.description)
            $0.set("notifications_waiting", waitingNotifications)
            $0.set("stuck", stuck.map(\.json))
            $0.set("uncommitted", uncommitted)
        }
    }

    var text: String {
        var lines = [headline]
        var table = Table()
        if summary.tiles > 0 {
            table.add(
                "tiles",
                "\(Quantities.count(summary.tiles)) (\(Quantities.bytes(summary.tileBytes))) of \(Quantities.plural(summary.derivations, "derivation", "derivations"))"
            )
        }
        if summary.skippedTiles > 0 {
            table.add("left out", Quantities.plural(summary.skippedTiles, "blank tile", "blank tiles"))
        }
        for commit in commits {
            table.add(
                "dataset",
                "\(dataset)/\(commit.partition)  (+\(commit.added) ~\(commit.changed) -\(commit.removed) of \(Quantities.plural(commit.files, "file", "files")))"
            )
            table.add("DVC pointer", "\(commit.partition).dvc  md5 \(commit.manifest)")
            table.add("git commit", commit.gitCommit ?? "")
            if commit.pushedPosition != nil, let remote = commit.remote { table.add("pushed to", remote) }
        }
        if let head { table.add("log head", "\(Quantities.plural(head.size, "event", "events")), root \(head.root)") }
        if let publicKey { table.add("log key", publicKey.description) }
        if !table.isEmpty { lines.append(table.text) }
        lines += quarantineLines
        if waitingNotifications > 0 {
            lines.append(
                "\(Quantities.plural(waitingNotifications, "notification waits", "notifications wait")) for the next attempt: `swathlog run` or a later ingest sends them."
            )
        }
        if !uncommitted.isEmpty {
            lines.append(
                "\(Quantities.plural(uncommitted.count, "partition waits", "partitions wait")) for `swathlog commit`: \(uncommitted.joined(separator: ", "))"
            )
        }
        lines += stuck.map(\.text)
        if !isFinished { lines.append("Stopped before the end; the next run goes on from here.") }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        guard summary.derivations > 0 else {
            let removed = intake.removed > 0 ? ", \(intake.removed) gone" : ""
            return commits.isEmpty && intake.observed == 0 && intake.removed == 0
                ? Terminal.bold("Nothing new: all \(Quantities.plural(intake.seen, "file is", "files are")) known.")
                : Terminal.bold(
                    "\(Quantities.plural(intake.observed, "new object", "new objects"))\(removed); no tiles to make."
                )
        }
        let megapixels = Double(summary.pixels) / 1e6
        let rate = Quantities.rate(megapixels / max(seconds, 0.001))
        return Terminal.bold(
            "\(Quantities.plural(intake.observed, "new object", "new objects")) of \(Quantities.plural(intake.seen, "file", "files")): \(Int(megapixels.rounded())) MP in \(Quantities.duration(seconds)), \(rate) with \(Quantities.plural(workers, "worker", "workers"))"
        )
    }

    private var quarantineLines: [String] {
        guard quarantined > 0 else { return [] }
        var table = Table()
        for object in quarantine.prefix(Self.listed) { table.add(object.key, object.reason, object.message) }
        var lines = [
            Terminal.red("\(Quantities.plural(quarantined, "object was", "objects were")) quarantined:"), table.text,
        ]
        if quarantined > Self.listed { lines.append("  … and \(quarantined - Self.listed) more: `swathlog status`") }
        return lines
    }
}

extension StuckWork {
    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("stage", stage)
            $0.set("item", item)
            $0.set("waiting", item == nil ? nil : waiting)
            $0.set("reason", reason)
            $0.set("message", message)
        }
    }

    var text: String {
        let subject = item.map { " of \(waiting > 1 ? "\(waiting) objects of " : "")\($0)" } ?? ""
        return "\(stage)\(subject) can't go on (\(reason)): \(message)"
    }
}

extension CatalogCommit {
    /// As the commands that make versions report it.
    var reportJSON: CanonicalJSON {
        CanonicalJSON {
            $0.set("partition", partition)
            $0.set("pointer", "\(partition).dvc")
            $0.set("manifest", manifest)
            $0.set("git_commit", gitCommit)
            $0.set("files", files)
            $0.set("bytes", bytes)
            $0.set("tag", tag)
            $0.set("pushed_to", pushedPosition == nil ? nil : remote)
            $0.set("shared_with", sharedPosition == nil ? nil : gitRemote)
        }
    }
}
