import Foundation
import TestSupport

/// Kills the program under test once it has made so many changes below some directories (`Interposed/kill_at.c`).
struct KillAtStep {
    private let library: String

    init(in scratch: Scratch) async throws {
        library = scratch.file("kill_at.so")
        let source = "\(Checkout.root)/Tests/PipelineTests/Interposed/kill_at.c"
        try await Tool("cc", install: "apt-get install gcc").check(["-shared", "-fPIC", "-O1", "-o", library, source])
    }

    /// What the program is to be started with.
    func variables(_ step: Int, below directories: [String]) -> [String: String] {
        [
            "LD_PRELOAD": library, "KILL_AT": String(step),
            "KILL_BELOW": directories.joined(separator: ":"),
        ]
    }
}
