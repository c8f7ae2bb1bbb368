import Intake
import Testing

/// A watcher that watches already, with the hints that follow.
struct Watching {
    let watcher: FolderWatcher
    var hints: AsyncStream<Hint>.Iterator

    init(
        _ folder: TemporaryFolder,
        name: String = "",
        maximumWatches: Int = .max,
        hintLimit: Int = 65_536
    ) async throws {
        watcher = try FolderWatcher(
            root: folder.path + name,
            maximumWatches: maximumWatches,
            hintLimit: hintLimit
        )
        hints = watcher.hints.makeAsyncIterator()
        _ = await read(until: .sweepNeeded(.watchingBegan))
    }

    /// Reads hints up to one that is given, which the result includes.
    mutating func read(until last: Hint) async -> [Hint] {
        var seen: [Hint] = []
        while let hint = await hints.next() {
            seen.append(hint)
            if hint == last { return seen }
        }
        Issue.record("the hints ended before \(last)")
        return seen
    }
}
