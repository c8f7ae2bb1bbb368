import EventLog
import Events
import Logging
import Projections
import Synchronization

extension FolderIntake {
    /// Looks at single keys, records what is there, and that they are gone where nothing is.
    func look(at keys: [(key: String, closed: Bool)], in summary: inout Summary) async throws {
        var findings: [Finding] = []
        var closed: Set<ExactKey> = []
        var gone: [String] = []
        guard !keys.isEmpty else { return }
        // Noted before anything of another directory is recorded.
        _ = try (replacedAt(), lostMounts())
        for (key, isClosed) in keys where !isExcluded(key) {
            guard let finding = try scanner.look(key) else {
                settling.withLock { $0.forget(key) }
                gone.append(key)
                continue
            }
            findings.append(finding)
            if isClosed { closed.insert(ExactKey(finding.key)) }
        }
        var met = SeenKeys()
        var last = try await record(findings, closed: closed, met: &met, in: &summary)
        // A sweep finds out what became of a folder that is another one.
        let isReplaced = try replacedAt() != nil
        let away = gone.isEmpty ? [] : try lostMounts()
        gone.removeAll { key in isReplaced || away.contains { $0.mount.holds(key) } }
        let removals = try await known(gone).map { removal($0.version) }
        summary.removed += removals.count
        last = try await append(removals) ?? last
        if let last { try await projector.wait(for: Catalog.name, toReach: last) }
    }

    /// Records findings of different keys that are not known yet.
    ///
    /// - Parameters:
    ///   - closed: the keys whose files were seen to be closed after writing.
    ///   - met: takes the numbers of the keys that are known.
    /// - Returns: the position of the last event, if there was something to record.
    func record(
        _ findings: [Finding],
        closed: Set<ExactKey> = [],
        met: inout SeenKeys,
        in summary: inout Summary
    ) async throws -> Int? {
        var candidates: [Candidate] = []
        for finding in findings where !isExcluded(finding.key) {
            switch finding {
            case .mount(let mount):
                // Before any of its files is: whoever ends the agent now leaves none that is known and not its.
                remember(mount)
            case .file(let file) where file.problem == nil:
                summary.seen += 1
                let isClosed = !closed.isEmpty && closed.contains(ExactKey(file.key))
                if settling.withLock({ $0.look(file, now: .now(), closed: isClosed) }) {
                    candidates.append(Candidate(observed: observation(of: file)))
                }
            case .file(let file):
                summary.unreadable += 1
                let message = "the name is not UTF-8, and events, git and DVC hold only names that are: rename the file"
                candidates += try await notUTF8(file.key, message)
            case .unreadable(let key, let reason, let code):
                summary.unreadable += 1
                candidates.append(unreadable(key, code, reason))
            }
        }
        let versions = try await catalog.newestVersions(
            source: Self.source,
            bucket: bucket,
            keys: candidates.map(\.observed.key)
        )
        var new: [Candidate] = []
        for (candidate, version) in zip(candidates, versions) {
            if let version {
                met.insert(version.number)
                // An older version counts as new: a file that was put back as it was is what the key holds now.
                if version.id == candidate.observed.objectID, version.state != "removed",
                    !isBack(version)
                {
                    continue
                }
            }
            new.append(candidate)
        }
        summary.observed += new.count { $0.quarantined == nil }
        return try await append(events(for: new))
    }

    /// Whether a file that could not be fetched because it was away, or another, is there again.
    private func isBack(_ version: KnownVersion) -> Bool {
        version.state == "quarantined" && Absence.wasAway(version.reason)
    }

    /// Gives the bucket's keys that are known and not removed to `body`, some at a time, in the order of the keys.
    ///
    /// - Parameters:
    ///   - directory: only its keys are given; nil for all.
    ///   - met: keys that are left out; nil for none.
    ///   - body: returns whether to go on.
    func eachKnown(
        of directory: FolderMemory? = nil,
        unless met: SeenKeys? = nil,
        _ body: ([(key: String, version: KnownVersion)]) async throws -> Bool
    ) async throws {
        var last: String? = directory.map { $0.key.isEmpty ? "" : "\($0.key)/" } ?? ""
        while let from = last {
            let page = try await catalog.keys(
                source: Self.source,
                bucket: bucket,
                afterKey: from,
                limit: Self.keysAtOnce,
                unless: { met?.contains($0) == true }
            )
            last = page.last
            for first in stride(from: 0, to: page.unmet.count, by: Self.batchSize) {
                let keys = page.unmet[first..<min(first + Self.batchSize, page.unmet.count)]
                // A directory's keys stand together.
                let inside = directory.map { directory in Array(keys.prefix(while: directory.holds)) } ?? Array(keys)
                guard try await body(known(inside)), inside.count == keys.count else { return }
            }
        }
    }

    /// Those of the keys that are known and not removed.
    func known(_ keys: [String]) async throws -> [(key: String, version: KnownVersion)] {
        let versions = try await catalog.newestVersions(source: Self.source, bucket: bucket, keys: keys)
        return zip(keys, versions).compactMap { key, version in
            version.flatMap { $0.state == "removed" ? nil : (key, $0) }
        }
    }

    func removal(_ version: KnownVersion) -> ProposedEvent {
        ProposedEvent(
            ObjectRemoved(onRemove: onRemove),
            stream: .object(version.id),
            cause: .event(version.observedPosition),
            correlation: version.observedPosition
        )
    }

    /// Appends, and returns the position of the last event; a full disk is waited out: what was seen would have to be
    /// looked for again.
    @discardableResult
    func append(_ events: [ProposedEvent]) async throws -> Int? {
        guard !events.isEmpty else { return nil }
        var isPaused = false
        while true {
            do throws(EventLogError) {
                let appended = try await log.append(events)
                if isPaused { logger.notice("Intake goes on.") }
                return appended.last?.position
            } catch {
                guard error.code == .diskFull else { throw error }
                if !isPaused { logger.error("Intake is paused.", metadata: ["reason": "\(error)"]) }
                isPaused = true
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func events(for candidates: [Candidate]) -> [ProposedEvent] {
        candidates.flatMap { candidate in
            let stream = StreamName.object(candidate.observed.objectID)
            let quarantined = candidate.quarantined.map { [ProposedEvent($0, stream: stream)] } ?? []
            return [ProposedEvent(candidate.observed, stream: stream)] + quarantined
        }
    }

    private func observation(of file: ObservedFile) -> ObjectObserved {
        ObjectObserved(
            source: Self.source,
            bucket: bucket,
            key: file.key,
            version: String(file.modifiedNanoseconds),
            size: file.size,
            modifiedAt: Timestamp(microseconds: file.modifiedNanoseconds / 1_000)
        )
    }

    /// An object that can't be read is observed and quarantined at once: it is visible, and holds up nothing.
    private func unreadable(_ key: String, _ code: Finding.Code, _ message: String) -> Candidate {
        Candidate(
            observed: ObjectObserved(
                source: Self.source,
                bucket: bucket,
                key: key,
                version: code.rawValue,
                size: 0,
                modifiedAt: nil
            ),
            quarantined: ObjectQuarantined(stage: "intake", reason: code.rawValue, message: message)
        )
    }

    /// A name that is not UTF-8 is seen once only: its key may be that of another file, and the two would take turns.
    private func notUTF8(_ key: String, _ message: String) async throws -> [Candidate] {
        let candidate = unreadable(key, .nameNotUTF8, message)
        let known = try await catalog.object(candidate.observed.objectID)
        return known.map { $0.state == "removed" } ?? true ? [candidate] : []
    }
}

/// A version that may be new.
private struct Candidate {
    let observed: ObjectObserved
    var quarantined: ObjectQuarantined?
}
