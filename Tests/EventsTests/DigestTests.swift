import Crypto
import Events
import TestSupport
import Testing

@Suite("Digests")
struct DigestTests {
    @Test("a SHA-256 is swift-crypto's, of a message of any length, wherever it lies", arguments: 0..<8)
    func equals(offset: Int) {
        var noise = SeededGenerator(seed: UInt64(offset))
        let bytes = (0..<1_024).map { _ in UInt8.random(in: 0...255, using: &noise) }
        for count in Array(0..<300) + [511, 512, 513, 1_000] {
            let message = bytes[offset..<offset + count]
            #expect(Digest(of: message).bytes == Array(SHA256.hash(data: message)))
            #expect(Digest(of: message.span.bytes).bytes == Array(SHA256.hash(data: message)))
        }
    }

    @Test("its hexadecimal digits are read in either case, and nothing else is, at any of its places")
    func reading() {
        let digest = Digest(of: "abc".utf8)
        let text = Array(digest.description.utf8)
        #expect(Digest(hex: digest.description) == digest)
        #expect(Digest(hex: digest.description.uppercased()) == digest)
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var other = text
                other[place] = byte
                let isDigit = Character(Unicode.Scalar(byte)).isHexDigit
                #expect((Digest(hex: other[...]) != nil) == isDigit, "byte \(byte) at \(place)")
                guard isDigit else { continue }
                #expect(Digest(hex: other[...])?.description == String(decoding: other, as: UTF8.self).lowercased())
            }
        }
        #expect(Digest(hex: text.dropLast()[...]) == nil)
        #expect(Digest(hex: (text + text)[...]) == nil)
    }
}
