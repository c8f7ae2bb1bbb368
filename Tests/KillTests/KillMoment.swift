import Foundation
import TestSupport

/// When a program is killed: at a moment of its work that shows on disk, or at any time.
enum KillMoment: String, CaseIterable {
    case anyTime
    /// Source bytes are on their way into the store.
    case fetching
    /// Tiles are in the cache, not yet under their names.
    case tiling
    /// A partition's directory is between two versions.
    case placing
    /// git holds its index.
    case committing
    /// Objects are on their way to the remote.
    case pushing
    /// A receiver has a notification, and its sender has no answer.
    case telling

    /// Waits for the moment, and a random while more; false when the program ended before.
    ///
    /// - Parameter longest: milliseconds that the work takes without a kill.
    func wait(
        for program: RunningTool,
        in store: Store,
        longest: Int,
        using seeded: inout SeededGenerator
    ) async throws -> Bool {
        if self == .anyTime {
            return try await pause(Int.random(in: 0...longest, using: &seeded), program)
        }
        while program.isRunning {
            if isNow(in: store) { return try await pause(Int.random(in: 0...12, using: &seeded), program) }
            try await Task.sleep(for: .microseconds(500))
        }
        return false
    }

    /// The moment is random by design: this waits for no condition but the program's end.
    private func pause(_ milliseconds: Int, _ program: RunningTool) async throws -> Bool {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while program.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .microseconds(500)) }
        return program.isRunning
    }

    private func isNow(in store: Store) -> Bool {
        switch self {
        case .anyTime: true
        case .fetching: hasTemporary("\(store.path)/spool")
        case .tiling: hasTemporary("\(store.dataset)/.dvc/cache/files/md5")
        case .placing: names("\(store.dataset)/.dvc/tmp/swathlog").contains { $0.hasSuffix(".applying") }
        case .committing: FileManager.default.fileExists(atPath: "\(store.dataset)/.git/index.lock")
        case .pushing: hasTemporary("\(store.remote)/files/md5")
        case .telling: FileManager.default.fileExists(atPath: "\(store.path)-told")
        }
    }

    private func hasTemporary(_ directory: String) -> Bool {
        names(directory).contains { $0.hasPrefix(".swathlog-") }
    }

    private func names(_ directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }
}
