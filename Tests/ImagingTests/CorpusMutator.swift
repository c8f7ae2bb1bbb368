import TestSupport
/// Damages files: a seed always gives the same damage.
struct CorpusMutator {
    private var noise: SeededGenerator

    init(seed: UInt64) {
        noise = SeededGenerator(seed: seed)
    }

    /// Damages a file in one to three ways, and makes half of the PNGs' CRCs right again.
    mutating func damage(_ whole: [UInt8]) -> [UInt8] {
        var bytes = whole
        for _ in 0..<[1, 1, 2, 3][number(4)] where bytes.count > 16 {
            if Bool.random(using: &noise) { damageBytes(&bytes) } else { damagePart(&bytes) }
        }
        if Bool.random(using: &noise) { Self.repairPNG(&bytes) }
        return bytes
    }

    private mutating func number(_ limit: Int) -> Int {
        Int.random(in: 0..<max(limit, 1), using: &noise)
    }

    // MARK: Anywhere

    private mutating func damageBytes(_ bytes: inout [UInt8]) {
        let at = number(bytes.count)
        let run = at..<min(bytes.count, at + 1 + number(40))
        switch number(9) {
        case 0, 1: bytes[at] ^= 1 << UInt8(number(8))
        case 2, 3: bytes[at] = UInt8(number(256))
        case 4: writeExtreme(&bytes, at: at, width: 1 << number(3))
        case 5: bytes.removeSubrange(at...)
        case 6: bytes.removeSubrange(run)
        case 7: bytes.insert(contentsOf: bytes[run], at: number(bytes.count))
        default:
            let marker = [0xFF, UInt8(0xC0 + number(64)), 0, UInt8(number(20))]
            bytes.insert(contentsOf: marker.prefix(number(2) == 0 ? 2 : 4), at: at)
        }
    }

    /// The numbers at which checks go wrong: nothing, one, the largest of each width and their neighbours.
    private mutating func writeExtreme(_ bytes: inout [UInt8], at start: Int, width: Int) {
        let extremes = [
            0, 1, 2, 3, 7, 8, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x1_0000, 0x7FFF_FFFE, 0x7FFF_FFFF,
            0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
        ]
        let value = extremes[number(extremes.count)]
        for byte in 0..<width where start + byte < bytes.count {
            bytes[start + byte] = UInt8(truncatingIfNeeded: value >> (8 * (width - 1 - byte)))
        }
    }

    // MARK: Segments and chunks

    private mutating func damagePart(_ bytes: inout [UInt8]) {
        let parts = Self.parts(of: bytes)
        guard !parts.isEmpty else { return }
        let one = parts[number(parts.count)]
        let other = parts[number(parts.count)]
        switch number(5) {
        case 0: bytes.removeSubrange(one)
        case 1: bytes.insert(contentsOf: bytes[one], at: other.lowerBound)
        case 2:
            let (first, second) = one.lowerBound < other.lowerBound ? (one, other) : (other, one)
            guard first != second else { return }
            let swapped = bytes[second] + bytes[first.upperBound..<second.lowerBound] + bytes[first]
            bytes.replaceSubrange(first.lowerBound..<second.upperBound, with: swapped)
        case 3:
            let isPNG = bytes[0] == 0x89
            writeExtreme(&bytes, at: one.lowerBound + (isPNG ? 0 : 2), width: isPNG ? 4 : 2)
        default: writeExtreme(&bytes, at: one.lowerBound + 4 + number(20), width: 1 << number(3))
        }
    }

    /// Where the chunks or segments lie; a scan's coded pixels are a part of their own.
    private static func parts(of bytes: [UInt8]) -> [Range<Int>] {
        let isPNG = bytes[0] == 0x89
        var parts: [Range<Int>] = []
        var at = isPNG ? 8 : 2
        while at + 12 <= bytes.count, parts.count < 200 {
            let start = at
            if isPNG {
                at += 12 + bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            } else if bytes[at] == 0xFF, bytes[at + 1] >= 0xC0, !(0xD0...0xD7).contains(bytes[at + 1]) {
                at += 2 + max(2, Int(bytes[at + 2]) << 8 | Int(bytes[at + 3]))
            } else {
                at = bytes[(at + 1)...].firstIndex(of: 0xFF) ?? bytes.count
            }
            at = min(at, bytes.count)
            parts.append(start..<at)
        }
        return parts
    }

    /// Makes the CRC of every whole chunk right, so that the damage is not found by it.
    private static func repairPNG(_ bytes: inout [UInt8]) {
        guard bytes.first == 0x89 else { return }
        for part in parts(of: bytes) where part.count >= 12 {
            let body = part.dropFirst(4).dropLast(4)
            bytes.replaceSubrange(part.suffix(4), with: CorpusPNG.word(CRC32.of(bytes[body])))
        }
    }
}
