package import DVC
import Events
import Files
package import Projections
package import Stages
import Threads

/// Looks whether the cache and the remotes have the bytes that the log has recorded, and puts them right.
package struct DatasetVerification: Sendable {
    /// What is looked at.
    package struct Scope: Sendable {
        /// The only partition; nil for all.
        package var partition: String?
        /// All versions that were committed, in place of the newest of each partition.
        package var allVersions = false
        /// What was pushed as well.
        package var remotes = false
        /// Whether objects in a bucket are read though the server vouches for their MD5.
        package var reads = false
        package var repairs = false

        package init() {}
    }

    private let paths: StorePaths
    private let catalog: CatalogReader
    private let repository: DatasetRepository
    private let remotes: Remotes
    private let rederivation: Rederivation
    private let cores: Int

    /// - Parameter rederivation: makes tiles again that no place has.
    package init(
        paths: StorePaths,
        catalog: CatalogReader,
        repository: DatasetRepository,
        remotes: Remotes,
        rederivation: Rederivation,
        cores: Int
    ) {
        self.paths = paths
        self.catalog = catalog
        self.repository = repository
        self.remotes = remotes
        self.rederivation = rederivation
        self.cores = cores
    }

    /// - Parameter progress: called with a place, the objects done there and all of them.
    package func run(
        _ scope: Scope,
        progress: @escaping @Sendable (String, Int, Int) -> Void
    ) async throws -> VerificationReport {
        var report = VerificationReport()
        let partitions = try await catalog.partitions().map(\.name).filter { scope.partition ?? $0 == $0 }
        if let partition = scope.partition, partitions.isEmpty {
            throw LineageError(
                .notFound,
                "the dataset has no partition '\(partition)': `swathlog dataset list` shows them"
            )
        }
        let versions = try await versions(scope)
        report.versions = versions.count
        let wanted = try await DatasetObjects(versions, upcoming: partitions, catalog: catalog)
        var found = [
            (ArtifactDamaged.cachePlace, try await faults(of: wanted.objects.values.map(\.expected), progress))
        ]
        report.checked.append(.init(place: ArtifactDamaged.cachePlace, objects: wanted.objects.count))
        var looked = [ArtifactDamaged.cachePlace: Set(wanted.objects.keys)]
        let (opened, refused) = scope.remotes || scope.repairs ? await open(wanted.pushed.keys.sorted()) : ([], [])
        if scope.remotes {
            report.notChecked = refused
            for (url, remote) in opened {
                let objects = wanted.pushed[url, default: []].compactMap { wanted.objects[$0]?.expected }
                do {
                    let faults = try await remote.faults(among: objects, reads: scope.reads) {
                        progress(url, $0, objects.count)
                    }
                    found.append((url, faults))
                    let comparesBytes = remote.comparesBytes(reads: scope.reads)
                    report.checked.append(.init(place: url, objects: objects.count, comparesBytes: comparesBytes))
                    if comparesBytes { looked[url] = Set(objects.map(\.id)) }
                } catch let error where !(error is CancellationError) {
                    // What was found elsewhere is worth telling all the same.
                    report.notChecked.append((url, "\(error)"))
                }
            }
        }
        for (place, faults) in found {
            let damage = faults.compactMap { id, fault in
                wanted.objects[id].map { VerificationReport.Damage($0, at: place, fault) }
            }
            report.damage += damage.sorted { $0.order.precedesInBytes($1.order) }
        }
        if scope.remotes { report.notPushed = versions.filter { $0.pushedPosition == nil } }
        if scope.repairs { try await repair(&report, versions, opened) }
        report.sound = sound(versions, report, wanted, places: looked.keys.sorted())
        report.compare(with: try await catalog.damages(), looked: looked)
        return report
    }

    private typealias Opened = (url: String, remote: any CheckedRemote)

    /// Opens remotes, and says of those that can't be looked at why.
    private func open(_ urls: [String]) async -> (opened: [Opened], refused: [(remote: String, why: String)]) {
        var opened: [Opened] = []
        var refused: [(remote: String, why: String)] = []
        for url in urls {
            do {
                opened.append((url, try await remotes.checked(url)))
            } catch {
                refused.append((url, (error as? DVCError)?.message ?? "\(error)"))
            }
        }
        return (opened, refused)
    }

    private func versions(_ scope: Scope) async throws -> [CatalogCommit] {
        let all = try await catalog.commits().filter {
            $0.committedPosition != nil && (scope.partition == nil || $0.partition == scope.partition)
        }
        if scope.allVersions { return all }
        return Dictionary(grouping: all, by: \.partition).values.compactMap(\.last)
            .sorted { $0.partition.precedesInBytes($1.partition) }
    }

    /// Hashes objects of the cache on all cores.
    private func faults(
        of objects: [ExpectedObject],
        _ progress: @escaping @Sendable (String, Int, Int) -> Void
    ) async throws -> [String: ObjectFault] {
        let cache = repository.cache
        let portion = 256
        var faults: [String: ObjectFault] = [:]
        var done = 0
        try await withThrowingTaskGroup(of: (Int, [String: ObjectFault]).self) { group in
            var start = 0
            func add() -> Bool {
                guard start < objects.count else { return false }
                let some = objects[start..<min(start + portion, objects.count)]
                start += portion
                group.addTask {
                    try await Blocking.run {
                        var faults: [String: ObjectFault] = [:]
                        for object in some { faults[object.id] = try cache.fault(of: object) }
                        return (some.count, faults)
                    }
                }
                return true
            }
            var running = 0
            while running < cores, add() { running += 1 }
            while let (count, more) = try await group.next() {
                try Task.checkCancellation()
                faults.merge(more) { $1 }
                done += count
                progress(ArtifactDamaged.cachePlace, done, objects.count)
                _ = add()
            }
        }
        return faults
    }

    /// Puts right what it can, the cache first: the remotes get from it what they lack.
    private func repair(
        _ report: inout VerificationReport,
        _ versions: [CatalogCommit],
        _ opened: [Opened]
    ) async throws {
        try createDirectories(paths.repair)
        guard let lock = try FileLock.tryLock("\(paths.repair)/lock", contents: []) else {
            throw DVCError(.busy, "another repair of \(paths.root) is running: wait for it to end")
        }
        defer { lock.release() }
        let scratch = "\(paths.repair)/cache"
        // What a killed repair left goes first, also where that had put everything right.
        try removeTree(scratch)
        try await repository.sweepMendings()
        if report.damage.isEmpty { return }
        try createDirectories(scratch)
        defer { try? removeTree(scratch) }
        let source = RecordedBytes(
            catalog: catalog,
            cache: repository.cache,
            remotes: opened,
            rederivation: rederivation,
            scratch: DVCCache(root: scratch)
        )
        let files = try await treeFiles(of: Set(report.damage.map(\.object.expected.id)), versions)
        for index in report.damage.indices where report.damage[index].place == ArtifactDamaged.cachePlace {
            try Task.checkCancellation()
            await mend(&report.damage[index], source, files)
        }
        for (url, remote) in opened {
            let indices = report.damage.indices.filter { report.damage[$0].place == url }
            if !indices.isEmpty { try await replace(indices, of: &report, on: remote) }
        }
    }

    /// Puts right an object of the cache, or says why that can't be done.
    private func mend(
        _ damage: inout VerificationReport.Damage,
        _ source: RecordedBytes,
        _ files: [String: [String]]
    ) async {
        let object = damage.object.expected
        do {
            let files = files[object.id, default: []]
            let found: RecordedBytes.Found
            if let bytes = await repository.read(object, fromAnyOf: files) {
                found = .bytes(bytes, source: ArtifactVerified.workTree)
            } else {
                found = try await source.find(damage.object, notAt: damage.place)
            }
            switch found {
            case .none(let why): damage.problem = why
            case .bytes(let bytes, let from):
                try await repository.mend(object, with: bytes, files: files)
                // What counts is what is there now.
                if try repository.cache.fault(of: object) == nil { damage.repairedFrom = from }
            }
        } catch {
            damage.problem = (error as? DVCError)?.message ?? "\(error)"
        }
    }

    /// Puts right objects of a remote from the cache, which has what could be found anywhere by now.
    private func replace(
        _ indices: [Int],
        of report: inout VerificationReport,
        on remote: any CheckedRemote
    ) async throws {
        var replaced: [ExpectedObject] = []
        for index in indices {
            let object = report.damage[index].object.expected
            if try repository.cache.fault(of: object) == nil {
                replaced.append(object)
            } else {
                report.damage[index].problem = "the cache has not its recorded bytes either"
            }
        }
        var failure: (any Error)?
        do {
            try await remote.sweep()
            try await remote.replace(replaced, from: repository.cache)
        } catch {
            failure = error
        }
        var sound = Set(replaced.map(\.id))
        do {
            // What counts is what is there now.
            sound.subtract(try await remote.faults(among: replaced, reads: true) { _ in }.keys)
        } catch {
            sound = []
            failure = failure ?? error
        }
        try Task.checkCancellation()
        for index in indices where report.damage[index].problem == nil {
            if sound.contains(report.damage[index].object.expected.id) {
                report.damage[index].repairedFrom = ArtifactDamaged.cachePlace
            } else {
                report.damage[index].problem =
                    failure.map { ($0 as? DVCError)?.message ?? "\($0)" }
                    ?? "\(remote.url) keeps what has its name: remove that there, then repair again"
            }
        }
    }

    /// The files of the work tree that have these contents, as paths below it.
    private func treeFiles(of ids: Set<String>, _ versions: [CatalogCommit]) async throws -> [String: [String]] {
        var files: [String: [String]] = [:]
        for partition in Set(versions.map(\.partition)) {
            guard let newest = try await catalog.lastCommit(of: partition) else { continue }
            for file in try await catalog.files(of: partition, at: newest.throughPosition) where ids.contains(file.md5)
            {
                files[file.md5, default: []].append("\(partition)/\(file.path)")
            }
        }
        return files
    }

    /// The versions that a place has whole.
    private func sound(
        _ versions: [CatalogCommit],
        _ report: VerificationReport,
        _ wanted: DatasetObjects,
        places: [String]
    ) -> [VerificationReport.Sound] {
        // An object may be of several partitions, and only one of them is named: so a damaged place has nothing whole.
        let damaged = Set(report.open.map(\.place))
        return places.filter { !damaged.contains($0) }.flatMap { place in
            versions.filter { place == ArtifactDamaged.cachePlace || ($0.remote == place && $0.pushedPosition != nil) }
                .map {
                    VerificationReport.Sound(
                        partition: $0.partition,
                        manifest: $0.manifest,
                        place: place,
                        objects: $0.files + 1,
                        bytes: $0.bytes
                    )
                }
        }
    }
}

extension VerificationReport.Damage {
    /// Where people look for it: a partition's manifest goes before its files.
    fileprivate var order: String { "\(object.partition)/\(object.path ?? "")" }

    fileprivate init(_ object: DatasetObjects.Object, at place: String, _ fault: ObjectFault) {
        switch fault {
        case .missing: self.init(object: object, place: place, isMissing: true, message: "it is not there")
        case .damaged(let message): self.init(object: object, place: place, isMissing: false, message: message)
        }
    }
}

extension StorePaths {
    /// Where derivations are made again for a repair.
    fileprivate var repair: String { "\(root)/repair" }
}
