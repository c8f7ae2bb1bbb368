import Foundation
import Intake
import Testing

/// A sweep costs little where nothing has changed, however large the tree.
///
/// `SWATHLOG_SCALE_TREE` names a tree of a million files, or any other, to measure with.
@Suite(.timeLimit(.minutes(30)))
struct FolderScaleTests {
    @Test("a second sweep of the same tree observes nothing, and memory stays flat")
    func secondSweep() async throws {
        let folder = try TemporaryFolder()
        let tree = ProcessInfo.processInfo.environment["SWATHLOG_SCALE_TREE"]
        if tree == nil {
            for number in 0..<3_000 {
                if number % 100 == 0 { try folder.makeFolder("strip-\(number / 100)") }
                try folder.write("strip-\(number / 100)/\(number).txt", String(number))
                try folder.stamp("strip-\(number / 100)/\(number).txt", seconds: 1_700_000_000 + number)
            }
        }
        let store = try FolderStore(folder, tree: tree)
        let clock = ContinuousClock()
        @Sendable
        func report(_ what: String, _ since: ContinuousClock.Instant) {
            guard tree != nil else { return }
            print(what, clock.now - since, "RSS MB", residentMegabytes())
        }
        try await store.run { intake in
            var start = clock.now
            if let tree {
                var files = 0
                try FolderScanner(root: tree).scan { _ in files += 1 }
                print("files", files)
                report("scan only", start)
            }
            start = clock.now
            let first = try await intake.sweep()
            report("first sweep", start)
            #expect(first.observed == first.seen && first.seen >= 3_000)
            for _ in 0..<3 {
                start = clock.now
                let again = try await intake.sweep()
                report("sweep again", start)
                #expect(again.observed == 0 && again.removed == 0 && again.seen == first.seen)
            }
        }
    }
}

/// What this process holds in memory.
func residentMegabytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4 / 1024
}
