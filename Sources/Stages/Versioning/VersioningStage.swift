package import DVC
package import EventLog
package import Events
package import Logging
package import Projections
import Synchronization
import Threads

/// Commits changed dataset partitions: intent, work tree and pointer, git commit, receipt.
///
/// The intent fixes what the version holds by a position of the log, so a restart builds the same manifest from the
/// catalog, whatever has come since. It looks for the commit in git by its trailer before it makes one.
package struct VersioningStage: Stage {
    /// The trailer that a version's commit is found by.
    static let commitTrailer = "Swathlog-Commit"

    package let name = "versioning"
    package let parallelism = 1
    package let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))

    /// What a dataset version needs beside the tiles.
    package struct Context: Sendable {
        package let store: String
        package let repository: DatasetRepository
        /// Where versions are pushed to, an absolute directory or a URL; nil for nowhere.
        package let remote: String?
        package let policy: CommitPolicy
        package let form: CommitForm
        /// Whether more objects are about to be observed, so that a version would be short of them.
        package let isIntakeBusy: @Sendable () -> Bool
        /// Commits that git has and a restored log has not, each the last of its partition: none is made again.
        package let forgotten: [LogRestored.ForgottenCommit]

        package init(
            store: String,
            repository: DatasetRepository,
            remote: String?,
            policy: CommitPolicy,
            form: CommitForm = CommitForm(),
            isIntakeBusy: @escaping @Sendable () -> Bool,
            forgotten: [LogRestored.ForgottenCommit] = []
        ) {
            self.store = store
            self.repository = repository
            self.remote = remote
            self.policy = policy
            self.form = form
            self.isIntakeBusy = isIntakeBusy
            self.forgotten = forgotten
        }
    }

    private let log: EventLog
    private let catalog: CatalogReader
    private let context: Context
    private let freed: FreedTiles?
    private let time: any TimeSource
    private let logger: Logger

    /// - Parameter freed: sees to tiles that are gone from the cache; nil to take them to be there.
    package init(
        log: EventLog,
        catalog: CatalogReader,
        context: Context,
        freed: FreedTiles? = nil,
        time: any TimeSource,
        logger: Logger
    ) {
        self.log = log
        self.catalog = catalog
        self.context = context
        self.freed = freed
        self.time = time
        self.logger = logger
    }

    package func postpone(_ item: WorkItem) async throws -> Postponement? {
        if let open = try await catalog.openCommit(of: item.item) {
            // Another one takes its place at once, whoever asked for it.
            guard try await isGivenUp(open) else { return nil }
            return try await catalog.mixesRecipes(item.item) ? .untilChange : nil
        }
        // In this order: what an intake observed before it ended is in the log, and in the catalog once that is so far.
        let isIntakeBusy = context.isIntakeBusy()
        let head = log.headPosition
        let isBehind = try await catalog.position() < head
        guard let partition = try await catalog.partition(item.item),
            let first = try await log.event(at: item.position),
            let last = try await log.event(at: partition.changedPosition)
        else { return .untilChange }
        let policy = context.policy
        let changes = CommitPolicy.Changes(
            first: first.recordedAt,
            last: last.recordedAt,
            tiles: policy.countsTiles
                ? try await catalog.newTiles(of: partition.name, since: partition.committedThrough) : 0,
            isBusy: partition.isBusy || isIntakeBusy || isBehind,
            isRequested: partition.requestedPosition != nil
        )
        guard let due = policy.due(changes) else { return .untilChange }
        guard due <= time.now() else { return .until(due) }
        return try await catalog.mixesRecipes(partition.name) ? .untilChange : nil
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        if let open = try await openCommit(of: item.item) { return try await finish(open, resumed: true) }
        // What is lost leaves the dataset once the catalog has read it: then the version is made without it.
        if let position = try await completeCache(for: item) { return position }
        let (started, manifest) = try await start(item)
        let isForgotten = context.forgotten.contains { $0.commitID == started.id }
        return try await finish(started, manifest, resumed: isForgotten)
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        // A dataset has no quarantine: what can't be committed now waits, with its reason in the status.
        throw StageFailure(.stage, failure.reason, failure.message)
    }

    package func probe() async throws {
        try await Blocking.run { try requireRoom(at: context.store) }
    }

    /// The commit of a partition that is to be carried out; nil for none, and where its intent is given up.
    private func openCommit(of partition: String) async throws -> CatalogCommit? {
        guard let open = try await catalog.openCommit(of: partition), try await !isGivenUp(open) else { return nil }
        return open
    }

    /// Whether an intent can't be carried out, because tiles of it are lost; another one takes its place.
    private func isGivenUp(_ open: CatalogCommit) async throws -> Bool {
        guard try await catalog.lacksTiles(open) else { return false }
        return try await madeCommit(open.id) == nil
    }

    /// Sees to it that tiles are in the cache which were made before: those that came into the partition since its newest
    /// version, as by a recipe that is gone back to; all of them where the cache has lost that version's manifest, as on a
    /// new disk.
    ///
    /// - Returns: the position of the last event that says what is lost; nil when all are there.
    private func completeCache(for item: WorkItem) async throws -> Int? {
        guard let freed else { return nil }
        let manifest = try await catalog.partition(item.item)?.manifest
        let isLost = try manifest.map { try !context.repository.cache.contains($0) } ?? false
        let derivations =
            isLost ? try await catalog.derivations(in: item.item) : try await catalog.linkedEntries(of: item.item)
        return try await record(complete(derivations, by: freed), in: item.item, cause: item.position)
    }

    /// A source that is away holds up this partition's version, and no other's.
    private func complete(
        _ derivations: [(number: Int, id: String)],
        by freed: FreedTiles
    ) async throws -> [FreedTiles.Loss] {
        do {
            return try await freed.complete(derivations)
        } catch let failure as StageFailure {
            throw failure.ofOneItem
        }
    }

    /// Appends what is lost of a partition: the objects that it stands for are quarantined, and the next version is made
    /// without them.
    private func record(_ losses: [FreedTiles.Loss], in partition: String, cause: Int) async throws -> Int? {
        var events: [ProposedEvent] = []
        for loss in losses {
            let objects = try await catalog.holders(ofDerivation: loss.derivation.number, in: partition)
            events.append(
                ProposedEvent(
                    DerivationFailed(loss),
                    stream: .derivation(loss.derivation.id),
                    cause: .event(cause),
                    correlation: objects.first?.observedPosition
                )
            )
            let quarantined = ObjectQuarantined(
                stage: "rederiving",
                reason: loss.failure.reason,
                message: loss.failure.message
            )
            events += objects.map { object in
                ProposedEvent(
                    quarantined,
                    stream: .object(object.id),
                    expectedRevision: object.revision,
                    cause: .event(cause),
                    correlation: object.observedPosition
                )
            }
        }
        return try await log.append(events).last?.position
    }

    /// Appends the intent for all that the catalog holds now.
    private func start(_ item: WorkItem) async throws -> (CatalogCommit, Manifest) {
        guard let partition = try await catalog.unmixedPartition(item.item) else {
            // Another recipe was adopted since it was looked at: it waits for the tiles of that.
            if try await catalog.partition(item.item) != nil { throw CancellationError() }
            throw StageFailure(.passing, "unknown-partition", "the catalog has no partition \(item.item)")
        }
        guard let recipe = partition.recipe else {
            throw StageFailure(.passing, "unknown-partition", "the catalog has no recipe of partition \(item.item)")
        }
        let through = partition.changedPosition
        let contents = try await PartitionContents.of(
            partition,
            at: through,
            catalog: catalog,
            cache: context.repository.cache
        )
        let (manifest, diff) = (contents.manifest, contents.diff)
        let stream = StreamName.dataset(partition.name)
        let forgotten = try await forgottenCommit(partition, manifest, recipe)
        var started = DatasetCommitStarted(
            commitID: forgotten ?? EventID(at: time.now()).description,
            partition: partition.name,
            recipe: recipe,
            manifest: manifest.id,
            previous: partition.manifest,
            files: manifest.count,
            bytes: manifest.totalSize,
            added: diff.added,
            changed: diff.changed,
            removed: diff.removed,
            fromPosition: partition.committedThrough + 1,
            throughPosition: through,
            remote: context.remote,
            gitRemote: context.form.gitRemote?.remote,
            gitBranch: context.form.gitRemote?.branch
        )
        if let tag = context.form.tag {
            let text = tag.filled(
                CatalogCommit(started, position: 0),
                number: try await catalog.number(of: partition.name),
                time: time.now()
            )
            started.tag = try await context.repository.tagName(for: text)
            if started.tag == nil { logger.warnOfTag(text) }
        }
        let appended = try await log.append([
            ProposedEvent(
                started,
                stream: stream,
                expectedRevision: try await log.revision(of: stream),
                cause: .event(item.position)
            )
        ])
        return (CatalogCommit(started, position: appended[0].position), manifest)
    }

    /// The id of the commit that git has of this very version, made before the log was restored; nil for none.
    private func forgottenCommit(
        _ partition: CatalogPartition,
        _ manifest: Manifest,
        _ recipe: Digest
    ) async throws -> String? {
        let found = context.forgotten.first {
            $0.partition == partition.name && $0.manifest == manifest.id && $0.recipe == recipe.description
        }
        // Once it was taken over, or another version was made after it, the same content is a new version.
        guard let found, partition.manifest != manifest.id, try await catalog.commit(found.commitID) == nil,
            try await context.repository.pointer(of: partition.name)?.manifest == manifest.id
        else { return nil }
        return found.commitID
    }

    /// Makes the git commit, or finds the one that was made, and appends the receipt.
    ///
    /// - Parameter fresh: the manifest, when the intent was appended just now; it is built again for an intent of before.
    private func finish(_ commit: CatalogCommit, _ fresh: Manifest? = nil, resumed: Bool) async throws -> Int {
        let manifest: Manifest
        if let fresh {
            manifest = fresh
        } else {
            manifest = try Manifest(try await catalog.files(of: commit.partition, at: commit.throughPosition))
        }
        guard manifest.id == commit.manifest else {
            throw StageFailure(
                .stage,
                "manifest-differs",
                "the intent at position \(commit.startedPosition) names manifest \(commit.manifest), the catalog gives \(manifest.id): run `swathlog replay catalog`"
            )
        }
        let message = try await message(of: commit)
        let made = try await make(commit, manifest, message, resumed: resumed)
        // What others get by git is tagged once it is there: until then it may become another commit.
        if let tag = commit.tag, commit.gitRemote == nil {
            let isTagged = try await context.repository.tag(tag, commit: made.hash, message: message)
            if !isTagged { logger.warnOfTag(tag) }
        }
        let committed = DatasetCommitted(
            commitID: commit.id,
            partition: commit.partition,
            manifest: commit.manifest,
            gitCommit: made.hash,
            pointer: "\(commit.partition).dvc",
            logSize: made.head.size,
            logRoot: made.head.root
        )
        let receipt = ProposedEvent(
            committed,
            stream: .dataset(commit.partition),
            cause: .event(commit.startedPosition)
        )
        return try await log.append([receipt])[0].position
    }

    private func make(
        _ commit: CatalogCommit,
        _ manifest: Manifest,
        _ message: String,
        resumed: Bool
    ) async throws -> (hash: String, head: TreeHead) {
        if resumed, let found = try await madeCommit(commit.id) { return found }
        let made = try await publishWhole(commit, manifest, message)
        // The git of a killed agent may have been first after all: its commit names the head that stood then.
        return resumed ? try await madeCommit(commit.id) ?? made : made
    }

    private func message(of commit: CatalogCommit) async throws -> String {
        context.form.message.filled(
            commit,
            number: try await catalog.number(of: commit.partition, startedAt: commit.startedPosition),
            time: try await log.event(at: commit.startedPosition)?.recordedAt ?? time.now()
        )
    }

    /// Publishes a version; tiles of it that the cache turns out to lack are made again first.
    private func publishWhole(
        _ commit: CatalogCommit,
        _ manifest: Manifest,
        _ message: String
    ) async throws -> (hash: String, head: TreeHead) {
        do {
            return try await publish(commit, manifest, message)
        } catch let error as DVCError where error.code == .objectMissing {
            guard let freed else { throw error }
            let held = try await catalog.derivations(in: commit.partition, at: commit.throughPosition)
            let losses = try await complete(held, by: freed)
            guard let first = losses.first else { return try await publish(commit, manifest, message) }
            _ = try await record(losses, in: commit.partition, cause: commit.startedPosition)
            throw StageFailure(
                .passing,
                error.code.rawValue,
                "tiles of the version are lost (images: \(losses.count)), and it is made without them; the first: \(first.failure.message)"
            )
        }
    }

    private func publish(
        _ commit: CatalogCommit,
        _ manifest: Manifest,
        _ message: String
    ) async throws -> (hash: String, head: TreeHead) {
        let checkpoint = try await log.signHead()
        guard let head = checkpoint?.head ?? log.treeHead else {
            throw StageFailure(.stage, "read-only", "the log was opened for reading")
        }
        try await restoreManifests(commit)
        let positions = "\(commit.fromPosition)-\(commit.throughPosition)"
        let meta = ["swathlog-recipe": commit.recipe.description, "swathlog-positions": positions]
        let hash = try await context.repository.publish(
            partition: commit.partition,
            manifest: manifest,
            previous: commit.previous,
            meta: meta,
            params: try await params(commit.recipe),
            message: message,
            trailers: [
                (Self.commitTrailer, commit.id), ("Swathlog-Recipe", commit.recipe.description),
                ("Swathlog-Positions", positions), (LogHeadTrailer.key, LogHeadTrailer.text(head)),
            ] + LogHeadTrailer.signatures(of: checkpoint),
            branch: context.form.gitRemote?.local
        )
        return (hash, head)
    }

    /// Puts those manifests back into the cache that tell whose files are in the partition's directory.
    private func restoreManifests(_ commit: CatalogCommit) async throws {
        let repository = context.repository
        for id in try await repository.lostManifests(of: commit.partition, previous: commit.previous) {
            if let manifest = try await catalog.manifest(id) { try await repository.cache.put(manifest) }
        }
    }

    /// The recipe as parameters.
    private func params(_ digest: Digest) async throws -> [String: String] {
        guard let recipe = try await catalog.recipe(digest) else { return [:] }
        return recipe.settings.merging(["engine_revision": String(recipe.engineRevision)]) { $1 }
    }

    /// The commit of an intent, when git has it already, with the log head that it names.
    private func madeCommit(_ id: String) async throws -> (hash: String, head: TreeHead)? {
        let commits = try await context.repository.trailersOfAllCommits()
        for commit in commits.reversed() where commit.trailers.contains(where: { $0 == (Self.commitTrailer, id) }) {
            guard let text = commit.trailers.first(where: { $0.key == LogHeadTrailer.key })?.value,
                let head = LogHeadTrailer.parse(text)
            else { continue }
            return (commit.commit, head)
        }
        return nil
    }
}

extension Logger {
    /// Says that a version has no tag because git takes none of that name.
    func warnOfTag(_ name: String) {
        warning("A dataset version gets no tag: git takes none of that name.", metadata: ["tag": "\(name)"])
    }
}

/// The trailer that anchors the log in the dataset's history: number of events and Merkle root.
package enum LogHeadTrailer {
    package static let key = "Swathlog-Log-Head"

    /// The line of the head's signature: with size and root it gives the signed checkpoint.
    package static let signatureKey = "Swathlog-Log-Signature"

    static func signatures(of checkpoint: Checkpoint?) -> [Trailer] {
        checkpoint?.note.signatures.map { (signatureKey, $0.text) } ?? []
    }

    package static func text(_ head: TreeHead) -> String {
        "\(head.size) \(head.root)"
    }

    package static func parse(_ text: String) -> TreeHead? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let size = Int(parts[0]), size >= 0, let root = Digest(hex: parts[1]) else {
            return nil
        }
        return TreeHead(size: size, root: root)
    }
}
