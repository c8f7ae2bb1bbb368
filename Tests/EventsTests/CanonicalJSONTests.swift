import Events
import Foundation
import TestSupport
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test("keys are sorted by their UTF-8 bytes, whatever order they were set in")
    func sorting() {
        let keys = ["b", "a", "aa", "Z", "é", "z", "\u{1F600}", "\u{FFFD}", "", "a b", "a\u{0301}"]
        let sorted = keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        let text = sorted.map { "\"\($0)\":1" }.joined(separator: ",")
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20 {
            let json = CanonicalJSON { for key in keys.shuffled(using: &random) { $0.set(key, 1) } }
            #expect(json.text == "{\(text)}")
        }
    }

    @Test("strings are escaped as RFC 8785 asks, and in no other way")
    func escapes() {
        let json = CanonicalJSON { $0.set("s", "\"\\/\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}é\u{2028}\u{1F600}") }
        #expect(json.text == #"{"s":"\"\\/\b\t\n\f\r\u0000\u001f"# + "\u{7F}é\u{2028}\u{1F600}\"}")
    }

    @Test("every scalar comes back from its escaped form")
    func everyScalar() throws {
        for value: UInt32 in (0...0x3FF).map({ $0 }) + [0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF] {
            let text = String(try #require(Unicode.Scalar(value)))
            let object = try JSONObject(CanonicalJSON { $0.set("s", text) }.bytes)
            #expect(try Array(object.string("s").utf8) == Array(text.utf8))
        }
    }

    @Test(
        "numbers are the shortest text that reads back as the same double",
        arguments: [
            (0.1, "0.1"), (-0.0, "0"), (1.0, "1"), (-3.0, "-3"), (1e15, "1000000000000000"),
            (0.0625, "0.0625"),
            (11.5000125, "11.5000125"), (-9_223_372_036_854_775_808.0, "-9.223372036854776e+18"),
        ]
    )
    func numbers(value: Double, text: String) {
        #expect(CanonicalJSON { $0.set("n", value) }.text == "{\"n\":\(text)}")
    }

    @Test("numbers that JSON has no text for are left out, with those that they stand among")
    func notFinite() {
        let json = CanonicalJSON {
            $0.set("a", Double.infinity)
            $0.set("b", [1, .nan])
            $0.set("c", [[1, 2], [3, -.infinity]])
            $0.set("d", [[[1, 2], [.nan, 4]]])
            $0.set("e", [[[1, 2]]])
        }
        #expect(json.text == #"{"e":[[[1,2]]]}"#)
    }

    @Test("doubles survive, over the whole range")
    func doublesRoundTrip() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            let json = CanonicalJSON { $0.set("n", value) }
            let read = try JSONObject(json.bytes).optionalDouble("n")
            #expect(read == (value.isFinite ? value : nil))
        }
    }

    @Test(
        "whole numbers survive, over the whole range",
        arguments: [Int.min, -1, 0, 1, Int.max, 1 << 53 + 1]
    )
    func integersRoundTrip(value: Int) throws {
        #expect(try JSONObject(CanonicalJSON { $0.set("n", value) }.bytes).int("n") == value)
    }

    @Test("absent values have no key; arrays and objects nest")
    func nesting() {
        let json = CanonicalJSON {
            $0.set("none", nil as String?)
            $0.set("list", [[1.5, 2], []])
            $0.set("inner", CanonicalJSON { $0.set("flag", true) })
            $0.set("texts", ["a", "\n"])
        }
        #expect(json.text == #"{"inner":{"flag":true},"list":[[1.5,2],[]],"texts":["a","\n"]}"#)
    }

    @Test("what it writes, another JSON reader understands")
    func foundationAgrees() throws {
        let text = "Übersicht \"1\"\\\u{1}\u{1F600}"
        let json = CanonicalJSON {
            $0.set("s", text)
            $0.set("d", [0.1, 1e300])
        }
        let read = try #require(try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any])
        #expect(read["s"] as? String == text)
        #expect(read["d"] as? [Double] == [0.1, 1e300])
    }
}
