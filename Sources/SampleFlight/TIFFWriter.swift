/// One image file directory to be written, little-endian (TIFF 6.0 section 2).
struct TIFFWriter {
    private struct Entry {
        let tag: UInt16
        let type: UInt16
        let count: UInt32
        let value: [UInt8]
    }

    private var entries: [Entry] = []

    mutating func ascii(_ tag: UInt16, _ text: String) {
        let bytes = Array(text.utf8) + [0]
        add(tag, type: 2, count: bytes.count, bytes)
    }

    mutating func bytes(_ tag: UInt16, _ values: [UInt8]) { add(tag, type: 1, count: values.count, values) }

    mutating func undefined(_ tag: UInt16, _ values: [UInt8]) {
        add(tag, type: 7, count: values.count, values)
    }

    mutating func short(_ tag: UInt16, _ value: Int) {
        add(tag, type: 3, count: 1, Self.little(UInt32(clamping: value), 2))
    }

    mutating func long(_ tag: UInt16, _ value: Int) {
        add(tag, type: 4, count: 1, Self.little(UInt32(clamping: value), 4))
    }

    mutating func rationals(_ tag: UInt16, _ values: [(numerator: UInt32, denominator: UInt32)]) {
        add(
            tag,
            type: 5,
            count: values.count,
            values.flatMap { Self.little($0.numerator, 4) + Self.little($0.denominator, 4) }
        )
    }

    /// A value above zero as a fraction with four decimals.
    mutating func rational(_ tag: UInt16, _ value: Double, denominator: UInt32 = 10_000) {
        rationals(tag, [(UInt32((value * Double(denominator)).rounded()), denominator)])
    }

    /// How many bytes the directory takes with the values that do not fit into its entries.
    var size: Int { 2 + entries.count * 12 + 4 + entries.reduce(0) { $0 + Self.overflow($1.value.count) } }

    /// The bytes of the directory when it starts at an offset of the block.
    func serialised(at offset: Int) -> [UInt8] {
        var directory = Self.little(UInt32(entries.count), 2)
        var overflow: [UInt8] = []
        let overflowStart = offset + 2 + entries.count * 12 + 4
        for entry in entries.sorted(by: { $0.tag < $1.tag }) {
            directory += Self.little(UInt32(entry.tag), 2) + Self.little(UInt32(entry.type), 2)
            directory += Self.little(entry.count, 4)
            if entry.value.count <= 4 {
                directory += entry.value + [UInt8](repeating: 0, count: 4 - entry.value.count)
            } else {
                directory += Self.little(UInt32(overflowStart + overflow.count), 4)
                overflow += entry.value
                // Values start at even offsets.
                if !entry.value.count.isMultiple(of: 2) { overflow.append(0) }
            }
        }
        return directory + [0, 0, 0, 0] + overflow
    }

    private mutating func add(_ tag: UInt16, type: UInt16, count: Int, _ value: [UInt8]) {
        entries.append(Entry(tag: tag, type: type, count: UInt32(count), value: value))
    }

    private static func overflow(_ count: Int) -> Int { count <= 4 ? 0 : count + count % 2 }

    private static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
}
