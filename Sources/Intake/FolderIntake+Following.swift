import Files
import Logging
import Synchronization

extension FolderIntake {
    /// Follows the folder until the task is cancelled: by the kernel's notices where there are any, and by a sweep
    /// `interval` after the last one that finds what they missed.
    ///
    /// - Parameter onSweep: called after each look at the whole folder, with what it led to or why the folder is away.
    package func follow(
        sweepEvery interval: Duration,
        onSweep: @escaping @Sendable (Result<Summary, IntakeError>) -> Void
    ) async throws {
        let list = LookList()
        let watcher = try watcher(sweepEvery: interval)
        defer { watcher?.stop() }
        if watcher == nil { list.addSweep(.changesUnseen) }
        try await withThrowingTaskGroup { group in
            if let watcher {
                group.addTask { [self] in
                    for await hint in watcher.hints {
                        warn(about: hint, sweepEvery: interval)
                        list.add(hint)
                    }
                }
            }
            group.addTask { [self] in
                while true {
                    try await Task.sleep(until: settlingDeadline(atMost: .milliseconds(500)), clock: .continuous)
                    list.tick(sweepEvery: interval)
                }
            }
            group.addTask { [self] in
                for await _ in list.wakes {
                    while let turn = list.take(Self.batchSize) {
                        let outcome = try await actUnlessAway(on: turn, list)
                        if turn.sweep != nil {
                            list.noteSweep()
                            onSweep(outcome)
                        }
                    }
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Starts to watch; nil where only sweeps find what changes, which is said.
    private func watcher(sweepEvery interval: Duration) throws -> FolderWatcher? {
        if let system = try? FileSystem(of: scanner.root), system.changesUnseen {
            blindness.withLock { $0 = "others may change its file system (\(system.name)) without notice" }
            logger.notice(
                "The folder is looked at by sweeps only: others may change its file system without notice.",
                metadata: ["file_system": "\(system.name)", "seconds": "\(interval.components.seconds)"]
            )
            return nil
        }
        do throws(IntakeError) {
            return try FolderWatcher(root: scanner.root, maximumWatches: maximumWatches)
        } catch {
            guard error.code == .watchUnavailable else { throw error }
            let reason = error.description
            blindness.withLock { $0 = reason }
            logger.warning(
                "The folder is looked at by sweeps only: it can't be watched.",
                metadata: ["reason": "\(reason)", "seconds": "\(interval.components.seconds)"]
            )
            return nil
        }
    }

    /// Says once what the watcher cannot see for good.
    private func warn(about hint: Hint, sweepEvery interval: Duration) {
        guard case .sweepNeeded(let reason) = hint, let advice = reason.advice else { return }
        blindness.withLock { $0 = "\(reason.rawValue) in a part of it: \(advice)" }
        logger.warning(
            "Part of the folder is looked at by sweeps only.",
            metadata: [
                "reason": "\(reason.rawValue)", "advice": "\(advice)", "seconds": "\(interval.components.seconds)",
            ]
        )
    }

    private func settlingDeadline(atMost longest: Duration) -> ContinuousClock.Instant {
        let latest = ContinuousClock.now + longest
        return settling.withLock { $0.nextLook(now: .now()) }.map { max($0, .now + .milliseconds(50)) } ?? latest
    }

    /// A folder that is away (unmounted, moved) has not lost its files: it is waited for.
    private func actUnlessAway(
        on turn: LookList.Turn,
        _ list: LookList
    ) async throws -> Result<Summary, IntakeError> {
        do {
            var summary = Summary()
            if turn.settles {
                try await lookAgain(in: &summary)
                if settling.withLock({ $0.takeOverflow() }) { list.addSweep(.unsettledDropped) }
            }
            try await look(at: turn.keys, in: &summary)
            guard let reason = turn.sweep else { return .success(summary) }
            summary = try await sweep()
            logger.info("Swept the folder.", metadata: ["reason": "\(reason.rawValue)", "seen": "\(summary.seen)"])
            return .success(summary)
        } catch let error as IntakeError {
            logger.warning("The source can't be read; it is tried again.", metadata: ["reason": "\(error)"])
            return .failure(error)
        }
    }
}
