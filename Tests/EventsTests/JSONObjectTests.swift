import Events
import Foundation
import TestSupport
import Testing

@Suite("Reading JSON that others wrote")
struct JSONObjectTests {
    private func read(_ text: String) throws -> JSONObject { try JSONObject(Array(text.utf8)) }

    @Test("white space, escapes and null are read as RFC 8259 has them")
    func lenient() throws {
        let object = try read(
            " {\t\"a\" : \"x\\u00e9\\ud83d\\ude00\\/\\b\" ,\r\n\"n\":null , \"i\" : -12 }\n"
        )
        #expect(try object.string("a") == "xé😀/\u{8}")
        #expect(try object.optionalString("n") == nil)
        #expect(try object.int("i") == -12)
        #expect(object.raw("absent") == nil)
    }

    @Test("a ring with a null in it, as logs of earlier releases hold, is none")
    func nullsInRings() throws {
        let object = try read(#"{"p":[[1,2],[null,3]],"c":[[[1,2],[3,null]]],"q":[[1,2]],"bad":[[1,2],[1]]}"#)
        #expect(try object.pairs("p").isEmpty)
        #expect(try object.outerRing("c").isEmpty)
        #expect(try object.pairs("q") == [[1, 2]])
        #expect(throws: EventError.self) { try object.pairs("bad") }
    }

    @Test(
        "text that is not exactly one JSON object is refused",
        arguments: [
            "", " ", "null", "[]", "1", "{", "}", "{}}", "{} {}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
            #"{,}"#,
            #"{a:1}"#, #"{"a":1 "b":2}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":1.}"#,
            #"{"a":1e}"#,
            #"{"a":-}"#, #"{"a":nul}"#, #"{"a":nan}"#, #"{"a":truefalse}"#, #"{"a":0x10}"#, #"{"a":[1,]}"#,
            #"{"a":"x}"#,
            #"{"a":"x\"}"#, "{\"a\":\"\n\"}", #"{"a":{"b":}}"#, #"{"a":[}]}"#, "\u{FEFF}{}",
        ]
    )
    func malformed(text: String) {
        #expect { try read(text) } throws: { ($0 as? EventError)?.code == .malformedJSON }
    }

    @Test(
        "a string with a broken escape, a lone surrogate or bytes that are no UTF-8 is not a string",
        arguments: [
            #"\ud83d"#, #"\ude00"#, #"\ud83dx\ude00"#, #"\ud83d\n\ude00"#, #"\ud83d\ud83d\ude00"#, #"\u12"#,
            #"\u12g4"#,
            #"\x"#, #"\u+123"#,
        ]
    )
    func brokenStrings(inner: String) throws {
        let object = try read("{\"s\":\"\(inner)\"}")
        #expect { try object.string("s") } throws: { ($0 as? EventError)?.code == .badField }
    }

    @Test(
        "bytes that are no UTF-8 are not a string",
        arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]]
    )
    func invalidUTF8(inner: [Int]) throws {
        let text = Array("{\"s\":\"".utf8) + inner.map { UInt8($0) } + Array("\"}".utf8)
        let object = try JSONObject(text)
        #expect(throws: EventError.self) { try object.string("s") }
    }

    @Test("a byte of a string means the same at each place of strings of each length")
    func eachPlace() throws {
        func text(_ inner: [UInt8]) -> [UInt8] { Array("{\"s\":\"".utf8) + inner + Array("\",\"t\":1}".utf8) }
        for length in 1...25 {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var inner = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    inner[place] = byte
                    let isEscape = byte == UInt8(ascii: "\\")
                    // Of an escape at the end the closing quote is a part.
                    let isWhole = byte >= 0x20 && byte != UInt8(ascii: "\"") && !(isEscape && place == length - 1)
                    let object = try? JSONObject(text(inner))
                    #expect((object != nil) == isWhole, "byte \(byte) at \(place) of \(length)")
                    guard let object, !isEscape else { continue }
                    let string = try? object.string("s")
                    #expect(string.map { Array($0.utf8) } == (byte < 0x80 ? inner : nil))
                    #expect(try object.int("t") == 1)
                }
            }
        }
    }

    @Test("nesting is read to a depth of 64 and refused beyond, a million deep without a crash")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(throws: Never.self) { try read(nested(60)) }
        #expect { try read(nested(65)) } throws: { ($0 as? EventError)?.code == .malformedJSON }
        #expect(throws: EventError.self) { try read(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test(
        "whole numbers that do not fit are refused",
        arguments: ["9223372036854775808", "1.0", "1e3", "\"1\"", "true"]
    )
    func integers(number: String) throws {
        let object = try read("{\"n\":\(number)}")
        #expect { try object.int("n") } throws: { ($0 as? EventError)?.code == .badField }
    }

    @Test("what it accepts, another reader accepts, over thousands of mutations")
    func mutations() {
        let original = Array(
            #"{"a":"x","b":[1,-2.5,true,null,{"c":"y"}],"d":{"e":[]},"f":0.5,"g":false}"#.utf8
        )
        var random = SeededGenerator(seed: 3)
        var accepted = 0
        for _ in 0..<60_000 {
            let text = random.mutated(original)
            guard let object = try? JSONObject(text) else { continue }
            _ = (object.raw("a"), try? object.string("a"), try? object.object("d"), try? object.doubles("b"))
            // What the scan leaves to the reader of a value: UTF-8 and escapes in strings.
            guard String(validating: text, as: UTF8.self) != nil, !text.contains(UInt8(ascii: "\\")) else {
                continue
            }
            accepted += 1
            #expect(
                (try? JSONSerialization.jsonObject(with: Data(text))) != nil,
                "\(String(decoding: text, as: UTF8.self))"
            )
        }
        #expect(accepted > 1_000)
    }
}
