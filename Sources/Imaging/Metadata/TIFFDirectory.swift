/// One image file directory of a TIFF structure, with only values that lie inside the block (TIFF 6.0 section 2).
struct TIFFDirectory {
    /// One value of a directory: where it lies and how to read it.
    struct Entry {
        let type: Int
        let count: Int
        let offset: Int
    }

    let block: TIFFBlock
    private(set) var entries: [Int: Entry] = [:]
    /// Tags that are there twice with different values: neither can be believed.
    private(set) var contradictions: Set<Int> = []
    /// Tags whose value lies outside the block or has an unknown type.
    private(set) var damaged: Set<Int> = []
    /// True when the directory itself ends outside the block.
    private(set) var isCutShort = false

    init(in block: TIFFBlock, at offset: Int) {
        self.block = block
        guard let count = block.unsigned16(at: offset) else {
            isCutShort = true
            return
        }
        for index in 0..<count {
            let position = offset + 2 + index * 12
            guard let tag = block.unsigned16(at: position), let type = block.unsigned16(at: position + 2),
                let values = block.unsigned32(at: position + 4), block.unsigned32(at: position + 8) != nil
            else {
                isCutShort = true
                return
            }
            add(tag: tag, type: type, count: values, field: position + 8)
        }
    }

    private mutating func add(tag: Int, type: Int, count: Int, field: Int) {
        let sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
        guard sizes.indices.contains(type), sizes[type] > 0 else {
            damaged.insert(tag)
            return
        }
        // count is below 2^32 and a size at most 8, so the product fits easily.
        let length = count * sizes[type]
        let offset = length <= 4 ? field : (block.unsigned32(at: field) ?? Int.max)
        guard offset <= block.bytes.count, length <= block.bytes.count - offset else {
            damaged.insert(tag)
            return
        }
        if let earlier = entries[tag] {
            let earlierLength = earlier.count * sizes[earlier.type]
            // Long values are not compared, or a small file could ask for a day's work.
            let same =
                length == earlierLength && length <= 1_024
                && block.bytes[earlier.offset..<earlier.offset + length] == block.bytes[offset..<offset + length]
            if !same || earlier.type != type { contradictions.insert(tag) }
            return
        }
        entries[tag] = Entry(type: type, count: count, offset: offset)
    }

    var isEmpty: Bool { entries.isEmpty }

    func has(_ tag: Int) -> Bool { entries[tag] != nil }

    /// The bytes of an entry of any type with one byte a value.
    func bytes(_ tag: Int) -> ArraySlice<UInt8>? {
        guard let entry = entries[tag], [1, 2, 6, 7].contains(entry.type) else { return nil }
        return block.bytes[entry.offset..<entry.offset + entry.count]
    }

    /// The first value of an unsigned integer entry; nil when it has another type or no value.
    func unsigned(_ tag: Int) -> Int? {
        guard let entry = entries[tag], entry.count >= 1 else { return nil }
        switch entry.type {
        case 1: return Int(block.bytes[entry.offset])
        case 3: return block.unsigned16(at: entry.offset)
        case 4: return block.unsigned32(at: entry.offset)
        default: return nil
        }
    }

    func count(_ tag: Int) -> Int { entries[tag]?.count ?? 0 }

    /// The fractions of a rational entry, unsigned or signed; nil when it has another type.
    func rationals(_ tag: Int, atMost limit: Int = 3) -> [TIFFRational]? {
        guard let entry = entries[tag], entry.type == 5 || entry.type == 10 else { return nil }
        return (0..<min(entry.count, limit)).compactMap { index in
            guard let numerator = block.unsigned32(at: entry.offset + index * 8),
                let denominator = block.unsigned32(at: entry.offset + index * 8 + 4)
            else { return nil }
            if entry.type == 5 { return TIFFRational(numerator: numerator, denominator: denominator) }
            return TIFFRational(
                numerator: Int(Int32(truncatingIfNeeded: numerator)),
                denominator: Int(Int32(truncatingIfNeeded: denominator))
            )
        }
    }
}

/// A fraction as TIFF stores it.
struct TIFFRational: Equatable {
    let numerator: Int
    let denominator: Int

    /// Nil when the denominator is zero, which cameras write for "unknown".
    var value: Double? { denominator == 0 ? nil : Double(numerator) / Double(denominator) }
}
