import Imaging
import TestSupport
import Testing

/// Each seed's files are tried in a process of their own: a crash, a hang or a large allocation is seen as what it is,
/// and the other tests' memory does not count.
@Suite("A corpus of damaged files")
struct CorpusTests {
    @Test(
        "each of 1,000 damaged files of one kind ends in pixels or a reason, within 5 seconds and little memory",
        arguments: CorpusSeed.allCases
    )
    func corpus(seed: CorpusSeed) async throws {
        let scratch = try Scratch("corpus")
        let note = scratch.file("round")
        await #expect(processExitsWith: .success) { [seed, note = note as String] in
            try CorpusRun(seed: seed, note: note).run()
        }
        let last = try CorpusRun.lastRound(in: note)
        #expect(last == "done", "seed \(seed), round \(last) was the last one: it crashed or took 5 seconds")
    }
}
