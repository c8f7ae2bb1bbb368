extension TIFFDirectory {
    /// What an entry says, as text: fractions as they are written, lists with spaces, binary data by its size.
    func verbatim(_ tag: Int) -> String? {
        guard let entry = entries[tag] else { return nil }
        switch entry.type {
        case 2:
            var text = block.bytes[entry.offset..<entry.offset + entry.count].prefix(VerbatimText.limit + 1)
            while text.last == 0 { text.removeLast() }
            return VerbatimText.escaped(text)
        case 7: return undefined(entry)
        default: return VerbatimText.joined((0..<entry.count).lazy.map { number(entry, $0) })
        }
    }

    /// Whether an entry's text is no more than its size.
    func isBinary(_ tag: Int) -> Bool {
        guard let entry = entries[tag], entry.type == 7 else { return false }
        return undefined(entry) == Self.size(entry)
    }

    private static func size(_ entry: Entry) -> String { "\(entry.count) bytes" }

    /// Type 7 may be anything: a version written in digits, a flag, text with a mark of its kind before it, or bytes.
    private func undefined(_ entry: Entry) -> String {
        let bytes = block.bytes[entry.offset..<entry.offset + entry.count]
        let isText = bytes.prefix(VerbatimText.limit).allSatisfy { (0x20...0x7E).contains($0) || $0 == 0 }
        if isText, bytes.first ?? 0 >= 0x20 { return VerbatimText.escaped(bytes) }
        return bytes.count <= 4 ? VerbatimText.joined(bytes.lazy.map { "\($0)" }) : Self.size(entry)
    }

    private func number(_ entry: Entry, _ index: Int) -> String {
        func word(_ at: Int) -> UInt32 { UInt32(block.unsigned32(at: entry.offset + at) ?? 0) }
        switch entry.type {
        case 1: return "\(block.bytes[entry.offset + index])"
        case 6: return "\(Int8(bitPattern: block.bytes[entry.offset + index]))"
        case 3: return "\(block.unsigned16(at: entry.offset + index * 2) ?? 0)"
        case 8: return "\(Int16(truncatingIfNeeded: block.unsigned16(at: entry.offset + index * 2) ?? 0))"
        case 4: return "\(word(index * 4))"
        case 9: return "\(Int32(bitPattern: word(index * 4)))"
        case 5: return "\(word(index * 8))/\(word(index * 8 + 4))"
        case 10: return "\(Int32(bitPattern: word(index * 8)))/\(Int32(bitPattern: word(index * 8 + 4)))"
        case 11: return "\(Float(bitPattern: word(index * 4)))"
        default: return "\(double(at: entry.offset + index * 8))"
        }
    }

    private func double(at offset: Int) -> Double {
        let words = [offset, offset + 4].map { UInt64(block.unsigned32(at: $0) ?? 0) }
        return Double(bitPattern: block.isBigEndian ? words[0] << 32 | words[1] : words[1] << 32 | words[0])
    }
}
