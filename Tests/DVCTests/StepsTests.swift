import DVC
import TestSupport
import Testing

@Suite
struct StepsTests {
    /// Names that look like what stands between two entries, and others that sort around them.
    private static let names = [
        #"a"}, {"b"#, #"a"}, {"#, #"}, {"md5"#, "a", "b", "c.png", "d/e.png", "d/f.png", "é", "z\\", #"q""#, "y", "zz",
    ]

    @Test("what differs between two manifests is found, wherever it stands, and nothing else is touched")
    func random() throws {
        var generator = SeededGenerator(seed: 11)
        for round in 0..<400 {
            func tree() -> Tree {
                Self.names.filter { _ in Bool.random(using: &generator) }.map {
                    ($0, [UInt8.random(in: 0..<(round % 3 == 0 ? 1 : 3), using: &generator)])
                }
            }
            let (old, new) = (tree(), tree())
            let steps = try Steps(from: [manifest(old).bytes], to: manifest(new).bytes)
            let before = Dictionary(uniqueKeysWithValues: old)
            let after = Dictionary(uniqueKeysWithValues: new)
            #expect(Set(steps.removed) == Set(before.keys).subtracting(after.keys))
            #expect(Set(steps.placed.map(\.relpath)) == Set(after.filter { before[$0] != $1 }.keys))
            #expect(steps.removed == steps.removed.sorted { $0.precedesInBytes($1) })
            #expect(try Steps(from: [manifest(new).bytes], to: manifest(new).bytes).isEmpty)
        }
    }
}
