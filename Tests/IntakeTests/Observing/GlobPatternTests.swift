import Intake
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Patterns for keys")
struct GlobPatternTests {
    @Test("match as fnmatch(3) does, over random patterns and keys", arguments: 1...4)
    func likeTheLibrary(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = ["a", "b", "/", ".", "*", "?", "[ab]", "[!a]", "[a-c]", "\\*", "jpg"]
        var matches = 0
        for _ in 0..<4_000 {
            let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? ""
            }
            .joined()
            let key = (0..<Int.random(in: 0...7, using: &random)).map { _ in
                ["a", "b", "c", "/", ".", "*", "jpg"].randomElement(using: &random) ?? ""
            }.joined()
            let pattern = try #require(GlobPattern(text))
            let expected = fnmatch(text, key, 0) == 0
            #expect(pattern.matches(key) == expected, "\(text) \(key)")
            if expected { matches += 1 }
        }
        #expect(matches > 100)
    }

    @Test("that are not closed are refused", arguments: ["[", "a[b", "[!", "x\\"])
    func unclosed(text: String) {
        #expect(GlobPattern(text) == nil)
    }

    @Test("take long keys in no time, whatever stars they hold", .timeLimit(.minutes(1)))
    func noBlowUp() throws {
        let pattern = try #require(GlobPattern(String(repeating: "*a", count: 40) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 1_024)))
    }
}
