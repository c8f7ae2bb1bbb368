import Events
import Projections
import Stages

/// What became of a re-derivation.
struct ReprocessReport {
    let generation: CatalogGeneration
    /// The commits that it made.
    let commits: [CatalogCommit]
    /// What was swept of a cancelled one.
    let swept: GenerationSwept?
    /// The partitions that wait for `swathlog commit`.
    let uncommitted: [String]
    /// Whether all of it is done, and not left to an agent.
    let isFinished: Bool

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("generation", generation.json)
            $0.set("finished", isFinished)
            $0.set(
                "commits",
                commits.map { commit in
                    CanonicalJSON {
                        $0.set("partition", commit.partition)
                        $0.set("git_commit", commit.gitCommit)
                        $0.set("files", commit.files)
                        $0.set("added", commit.added)
                        $0.set("changed", commit.changed)
                        $0.set("removed", commit.removed)
                    }
                }
            )
            $0.set("uncommitted", uncommitted)
            $0.set("files_swept", swept?.files)
            $0.set("bytes_swept", swept?.bytes)
        }
    }

    var text: String {
        var lines: [String] = []
        let objects = Quantities.plural(generation.objects, "object", "objects")
        switch generation.state {
        case .cutOver:
            lines.append(
                "\(objects) went over to recipe \(generation.recipe): \(Quantities.count(generation.tiles)) tiles"
            )
            if generation.failed > 0 {
                lines.append(
                    "  \(Quantities.plural(generation.failed, "object", "objects")) could not be cut, and left the dataset: `swathlog quarantine list`"
                )
            }
            for commit in commits {
                let git = commit.gitCommit.map { String($0.prefix(12)) } ?? "-"
                lines.append(
                    "  \(commit.partition.visible)  \(git)  (+\(commit.added) ~\(commit.changed) -\(commit.removed) of \(commit.files) files)"
                )
            }
        case .cancelled:
            lines.append("cancelled: the dataset is as it was")
            if let swept {
                lines.append(
                    "  \(Quantities.plural(swept.files, "file", "files")) swept, \(Quantities.bytes(swept.bytes))"
                )
            }
        case .queued, .deriving:
            lines.append(
                "stopped at \(Quantities.count(generation.objects - generation.waiting)) of \(objects): the next agent goes on, or the same command"
            )
        }
        if !uncommitted.isEmpty { lines.append("  " + Self.text(leftToHand: uncommitted)) }
        return lines.joined(separator: "\n")
    }

    /// What is to be done for partitions whose versions are made only when somebody asks for them.
    static func text(leftToHand partitions: [String]) -> String {
        "\(Quantities.plural(partitions.count, "partition waits", "partitions wait")) for `swathlog commit`, since the agent commits only when it is told to (commit_policy: hand): \(partitions.map(\.visible).joined(separator: ", "))"
    }
}

extension ReprocessReport {
    /// A plan for people.
    static func text(_ plan: ReprocessPlan) -> String {
        var lines = ["\(plan.from.map { "\($0.digest)" } ?? "-") → \(plan.recipe.digest)"]
        if let before = plan.from?.engineRevision, before != plan.recipe.engineRevision {
            lines.append(
                "The imaging engine is another (\(before) → \(plan.recipe.engineRevision)): that is a change of the recipe."
            )
        }
        var facts = Table()
        facts.add(
            "objects",
            Quantities.count(plan.objects),
            plan.unchanged > 0 ? "and \(Quantities.count(plan.unchanged)) that are of this recipe" : ""
        )
        facts.add("to cut", Quantities.count(plan.toCut), Quantities.plural(plan.pixels / 1_000_000, "MP", "MP"))
        facts.add("to link", Quantities.count(plan.toLink), "cut by this recipe before")
        if plan.unknown > 0 { facts.add("unknown", Quantities.count(plan.unknown), "could not be decoded so far") }
        facts.add(
            "to fetch",
            Quantities.count(plan.toFetch),
            plan.toFetch > 0
                ? "\(Quantities.bytes(plan.bytesToFetch)): not kept in originals/"
                : plan.toCut > 0 ? "all originals are kept" : "none is needed"
        )
        facts.add(
            "time",
            plan.seconds.map { "about \(Quantities.duration($0))" } ?? "not known",
            plan.pixelsPerSecond.map {
                "\(Quantities.rate($0 / 1e6)) \(plan.isMeasured ? "measured under this recipe" : "measured in this store")"
            } ?? "nothing has been measured yet"
        )
        facts.add(
            "disk",
            "\(Quantities.bytes(plan.diskNeeded)) at most",
            "\(Quantities.bytes(plan.diskFree)) free"
        )
        lines.append(facts.text)
        var tiles = Table(rightAligned: [1, 2, 3, 4, 5])
        tiles.add("partition", "objects", "added", "removed", "replaced", "kept")
        for partition in plan.partitions {
            tiles.add(
                partition.name,
                Quantities.count(partition.objects),
                Quantities.count(partition.tiles.added),
                Quantities.count(partition.tiles.removed),
                Quantities.count(partition.tiles.replaced),
                Quantities.count(partition.tiles.kept)
            )
        }
        lines.append(tiles.text)
        return (lines + warnings(plan)).joined(separator: "\n")
    }

    private static func warnings(_ plan: ReprocessPlan) -> [String] {
        var lines: [String] = []
        if !plan.gone.isEmpty {
            lines.append(
                "\(Quantities.plural(plan.gone.count, "key has", "keys have")) lost its source bytes, and would leave the dataset: \(plan.gone.prefix(5).map(\.visible).joined(separator: ", "))\(plan.gone.count > 5 ? ", …" : "")"
            )
        }
        if plan.blankShare == nil {
            lines.append("How many blank tiles would be left out is not known before they are cut: fewer may be added.")
        }
        if !plan.split.isEmpty, !plan.scope.isWhole {
            lines.append("Only a part of \(plan.split.joined(separator: ", ")): that takes --incremental.")
        }
        if plan.diskNeeded > plan.diskFree { lines.append("The disk may have too little room: make some first.") }
        return lines
    }
}
