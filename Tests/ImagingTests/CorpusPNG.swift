import TestSupport
/// A PNG file as a list of chunks, so that each can be left out, doubled or wrong.
struct CorpusPNG {
    struct Chunk {
        var name: String
        var data: [UInt8]
        /// Flips the CRC's last bit.
        var hasWrongCRC = false
    }

    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    var chunks: [Chunk]

    /// The file.
    var bytes: [UInt8] {
        chunks.reduce(into: Self.signature) { bytes, chunk in
            let body = Array(chunk.name.utf8) + chunk.data
            bytes += Self.word(chunk.data.count) + body + Self.word(CRC32.of(body) ^ (chunk.hasWrongCRC ? 1 : 0))
        }
    }

    subscript(_ name: String) -> [UInt8] {
        get { chunks.first { $0.name == name }?.data ?? [] }
        set {
            if let index = chunks.firstIndex(where: { $0.name == name }) { chunks[index].data = newValue }
        }
    }

    /// Puts a chunk before the first one of a name.
    mutating func insert(_ name: String, _ data: [UInt8], before other: String) {
        let index = chunks.firstIndex { $0.name == other } ?? chunks.endIndex
        chunks.insert(Chunk(name: name, data: data), at: index)
    }

    static func word(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// Random bytes as filtered rows: whatever the format, they are some picture.
    init(width: Int, height: Int, bitDepth: Int, colourType: Int, interlaced: Bool = false, seed: UInt64 = 1) {
        var noise = SeededGenerator(seed: seed)
        let bits = bitDepth * [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colourType, default: 1]
        let passes = interlaced ? Self.adam7(width: width, height: height) : [(width, height)]
        var rows: [UInt8] = []
        for (width, height) in passes where width > 0 && height > 0 {
            for _ in 0..<height {
                rows.append(UInt8.random(in: 0...4, using: &noise))
                rows += (0..<(width * bits + 7) / 8).map { _ in UInt8.random(in: 0...255, using: &noise) }
            }
        }
        let format = [bitDepth, colourType, 0, 0, interlaced ? 1 : 0].map { UInt8($0) }
        chunks = [Chunk(name: "IHDR", data: Self.word(width) + Self.word(height) + format)]
        if colourType == 3 {
            let entries = (0..<3 << bitDepth).map { _ in UInt8.random(in: 0...255, using: &noise) }
            chunks.append(Chunk(name: "PLTE", data: entries))
        }
        chunks += [Chunk(name: "IDAT", data: Self.zlib(rows)), Chunk(name: "IEND", data: [])]
    }

    /// The sizes of the seven passes (PNG, 8.2).
    private static func adam7(width: Int, height: Int) -> [(Int, Int)] {
        let starts = [(0, 0), (4, 0), (0, 4), (2, 0), (0, 2), (1, 0), (0, 1)]
        let steps = [(8, 8), (8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2)]
        return zip(starts, steps).map { start, step in
            ((width - start.0 + step.0 - 1) / step.0, (height - start.1 + step.1 - 1) / step.1)
        }
    }

    /// A zlib stream of stored blocks (RFC 1950, RFC 1951), which needs no compressor.
    static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var at = 0
        repeat {
            let part = bytes[at..<min(at + 65_535, bytes.count)]
            at += part.count
            let (low, high) = (UInt8(part.count & 0xFF), UInt8(part.count >> 8))
            stream += [at == bytes.count ? 1 : 0, low, high, ~low, ~high] + part
        } while at < bytes.count
        var (first, second) = (1, 0)
        for byte in bytes {
            first = (first + Int(byte)) % 65_521
            second = (second + first) % 65_521
        }
        return stream + word(second << 16 | first)
    }
}

/// The checksum of PNG's chunks (PNG, annex D).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { word, _ in word & 1 == 0 ? word >> 1 : word >> 1 ^ 0xEDB8_8320 }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> Int {
        let word = bytes.reduce(UInt32.max) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
        return Int(~word)
    }
}
