/// Text of what a tag holds: bounded, and printable whatever the bytes are.
struct VerbatimText {
    /// Bytes of UTF-8; longer text ends in `…`.
    static let limit = 256
    private static let mark = "…"

    private var whole = ""
    /// How many bytes of `whole` may stand before the mark.
    private var fitting = 0

    /// The text, cut where it is too long.
    var text: String {
        guard isFull else { return whole }
        return String(decoding: whole.utf8.prefix(fitting), as: UTF8.self) + Self.mark
    }

    var isFull: Bool { whole.utf8.count > Self.limit }

    /// Whether a text is what was left of a longer one.
    static func isCut(_ text: String) -> Bool {
        // The last character before the mark may have been one that takes some bytes.
        text.hasSuffix(mark) && text.utf8.count > limit - 8
    }

    mutating func append(_ piece: String) {
        whole += piece
        let count = whole.utf8.count
        if count <= Self.limit - Self.mark.utf8.count { fitting = count }
    }

    /// UTF-8 as it is; control characters and what is not UTF-8 as `\x` and two hexadecimal digits, as is a backslash
    /// that would look like one of those.
    static func escaped(_ bytes: some Collection<UInt8>) -> String {
        let bytes = Array(bytes.prefix(limit + 1))
        // Nearly all text is this plain, and needs no look at each character.
        let isPlain = bytes.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: #"\"#) }
        if isPlain, bytes.count <= limit { return String(decoding: bytes, as: UTF8.self) }
        var result = VerbatimText()
        var index = 0
        while index < bytes.count {
            let length = sequenceLength(bytes[index])
            let isEscapeLookalike = bytes[index...].starts(with: #"\x"#.utf8)
            if !isEscapeLookalike, let character = String(validating: bytes[index...].prefix(length), as: UTF8.self),
                character.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            {
                result.append(character)
                index += length
            } else {
                let digits = String(bytes[index], radix: 16, uppercase: true)
                result.append(#"\x"# + (digits.count < 2 ? "0" : "") + digits)
                index += 1
            }
        }
        return result.text
    }

    /// Words with a space between each two.
    static func joined(_ words: some Sequence<String>) -> String {
        var result = VerbatimText()
        for (index, word) in words.enumerated() {
            result.append(index == 0 ? word : " " + word)
            if result.isFull { break }
        }
        return result.text
    }

    /// How many bytes a character takes that begins with this one.
    private static func sequenceLength(_ lead: UInt8) -> Int {
        switch lead {
        case 0xC0...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF7: 4
        default: 1
        }
    }
}
