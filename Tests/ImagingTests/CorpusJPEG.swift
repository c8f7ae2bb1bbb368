/// A JPEG file as a list of segments, so that each can be left out, doubled or wrong.
struct CorpusJPEG {
    struct Segment {
        var code: UInt8
        /// Without marker and length.
        var body: [UInt8]
        /// The coded pixels that follow a scan's header, restart markers included.
        var pixels: [UInt8] = []
        /// What the length field says, where that is a lie.
        var claim: Int?
    }

    /// From SOI to EOI, without both.
    var segments: [Segment] = []

    /// Takes apart a sound file that ends with EOI.
    init(_ bytes: [UInt8]) {
        var at = 2
        while at + 4 <= bytes.count, bytes[at + 1] != 0xD9 {
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            var segment = Segment(code: bytes[at + 1], body: Array(bytes[at + 4..<at + 2 + length]))
            at += 2 + length
            if segment.code == 0xDA {
                let start = at
                while bytes[at] != 0xFF || bytes[at + 1] == 0 || (0xD0...0xD7).contains(bytes[at + 1]) { at += 1 }
                segment.pixels = Array(bytes[start..<at])
            }
            segments.append(segment)
        }
    }

    /// The file.
    var bytes: [UInt8] {
        segments.reduce(into: [0xFF, 0xD8]) { bytes, segment in
            let length = segment.claim ?? segment.body.count + 2
            bytes += [0xFF, segment.code, UInt8(length >> 8), UInt8(length & 0xFF)] + segment.body + segment.pixels
        } + [0xFF, 0xD9]
    }

    /// The first segment of a kind; what is not there is empty.
    subscript(_ code: UInt8) -> Segment {
        get { segments.first { $0.code == code } ?? Segment(code: code, body: []) }
        set {
            if let index = segments.firstIndex(where: { $0.code == code }) { segments[index] = newValue }
        }
    }

    mutating func insert(_ code: UInt8, _ body: [UInt8], at index: Int = 0) {
        segments.insert(Segment(code: code, body: body), at: index)
    }

    mutating func remove(_ code: UInt8) {
        segments.removeAll { $0.code == code }
    }
}
