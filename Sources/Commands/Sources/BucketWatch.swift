import Events
import Intake
import Logging
import ObjectStores
import Stages

/// Polls one bucket until the task is cancelled: the newest keys often, all of them from time to time.
struct BucketWatch: Sendable {
    let polling: BucketIntake
    let settings: SourceSettings
    let board: SourceBoard
    let logger: Logger
    /// Called after each look at the whole bucket, also where it turned out to be away.
    let onSweep: @Sendable () -> Void

    private static let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))

    func run() async throws {
        let clock = ContinuousClock()
        let sweepInterval = settings.sweepInterval ?? .seconds(3_600)
        var nextSweep = clock.now
        var failures = 0
        while true {
            let isSweep = clock.now >= nextSweep
            do {
                let summary = isSweep ? try await polling.sweep() : try await polling.poll()
                if isSweep { nextSweep = clock.now + sweepInterval }
                if failures > 0 { logger.notice("The bucket can be listed again.", metadata: ["source": "\(name)"]) }
                failures = 0
                note(summary, isSweep: isSweep)
            } catch let error as S3Error where error.code != .cancelled {
                failures += 1
                note(error, isNews: failures == 1)
                if isSweep { onSweep() }
                let wait = max(Self.retry.wait(afterAttempt: failures), error.retryAfter ?? .zero)
                try await Task.sleep(for: wait)
                continue
            } catch let error as S3Error {
                throw error.code == .cancelled ? CancellationError() : error
            }
            if isSweep { onSweep() }
            try await Task.sleep(for: min(settings.pollInterval, max(.zero, nextSweep - clock.now)))
        }
    }

    private var name: String { polling.location.url }

    private func note(_ summary: BucketIntake.Summary, isSweep: Bool) {
        let now = SystemTime().now()
        logger.info(
            "Looked at a bucket.",
            metadata: [
                "source": "\(name)", "listed": "\(summary.listed)", "observed": "\(summary.outcome.observed)",
                "removed": "\(summary.outcome.removed)", "requests": "\(summary.requests)",
            ]
        )
        board.update(name) { state in
            state.state = .watching
            state.lastLook = now
            state.requests += summary.requests
            state.isUnsorted = summary.isUnsorted
            guard isSweep else { return }
            state.lastSweep = now
            state.listed = summary.listed
            state.unreadable = summary.unreadable
        }
    }

    private func note(_ error: S3Error, isNews: Bool) {
        if isNews {
            logger.error(
                "The bucket can't be listed; it is tried again.",
                metadata: ["source": "\(name)", "reason": "\(error.code.rawValue)", "message": "\(error.message)"]
            )
        }
        board.update(name) { $0.state = .failing(reason: error.code.rawValue, message: error.message) }
    }
}
