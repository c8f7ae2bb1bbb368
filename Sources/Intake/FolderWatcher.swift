import Synchronization
import Threads

/// Tells what changes below a folder, by inotify on every directory of it.
///
/// The hints save time and are not the truth: changes made by another machine on a network file system make none, nor
/// does a write to the target of a link that lies outside the folder. Scan now and then whatever they say, and at once
/// when they ask for it. The first hint is `sweepNeeded(.watchingBegan)`: from there on no change is missed, and what
/// was there before is for the sweep to find.
package final class FolderWatcher: Sendable {
    /// The hints, for one reader; they end after `stop()`.
    ///
    /// A reader that stays behind by more than the limit gets `sweepNeeded(.hintsDropped)` in place of the rest.
    package let hints: AsyncStream<Hint>

    private let stopSignal: StopSignal
    private let coverage = Coverage()

    /// Starts the watcher's thread.
    ///
    /// `maximumWatches` leaves watches to other programs; beyond it, as beyond the system's own limit, directories go
    /// unwatched and `mustSweep` turns true.
    package init(
        root: String,
        maximumWatches: Int = .max,
        hintLimit: Int = 65_536
    ) throws(IntakeError) {
        _ = try Root(root).open()
        let inotify: Inotify
        do throws(SystemFailure) {
            stopSignal = try StopSignal()
            inotify = try Inotify()
        } catch {
            throw IntakeError(
                code: .watchUnavailable,
                message:
                    "no inotify instance (\(error.text)); raise fs.inotify.max_user_instances or the file limit"
            )
        }
        let (stream, continuation) = AsyncStream.makeStream(
            of: Hint.self,
            bufferingPolicy: .bufferingOldest(max(1, hintLimit))
        )
        hints = stream
        continuation.onTermination = { [stopSignal] _ in stopSignal.send() }
        // The closure below is run once, and the mutex hands the instance over to it.
        let instance = Mutex<Inotify?>(inotify)
        let started = startOwnThread { [stopSignal, coverage] in
            guard let inotify = instance.withLock({ $0.take() }) else { return }
            var loop = WatchLoop(
                root: root,
                maximumWatches: maximumWatches,
                inotify: inotify,
                stop: stopSignal,
                outlet: HintOutlet(continuation),
                coverage: coverage
            )
            loop.run()
        }
        guard started else {
            throw IntakeError(
                code: .watchUnavailable,
                message: "the system grants no thread; raise the limit on processes"
            )
        }
    }

    deinit {
        stopSignal.send()
    }

    /// Whether some directories are without a watch, so that only sweeps find what changes in them.
    package var mustSweep: Bool { coverage.isPartial }

    /// Ends the hints and gives the watches back.
    package func stop() {
        stopSignal.send()
    }
}
