import Imaging
import Testing

@Suite("Metadata made to cost time is read in little time", .serialized)
struct MetadataHostileTests {
    private static let size = 4 << 20

    /// A directory of as many entries as fit, all of one tag or each of its own, with the same huge value.
    private static func directory(isOneTag: Bool, type: Int) -> [UInt8] {
        let entries = 65_535
        let start = 10 + entries * 12
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var bytes = Array("II".utf8) + little(42, 2) + little(8, 4) + little(entries, 2)
        let length = size - start - entries
        for entry in 0..<entries {
            bytes += little(isOneTag ? 0x010F : entry, 2) + little(type, 2) + little(length, 4)
            bytes += little(start + entry, 4)
        }
        return bytes + [UInt8](repeating: 0, count: size - bytes.count)
    }

    private static func packet(_ text: String, _ piece: String) -> String {
        MetadataSample.xmp(attributes: text + String(repeating: piece, count: (size - 1_000) / piece.utf8.count))
    }

    private static let files: [(name: String, make: @Sendable () -> [UInt8])] = [
        ("one tag 65,535 times", { MetadataSample.png(exif: directory(isOneTag: true, type: 7)) }),
        ("65,535 texts of 3 MB", { MetadataSample.png(exif: directory(isOneTag: false, type: 2)) }),
        ("65,535 lists of 3 MB", { MetadataSample.png(exif: directory(isOneTag: false, type: 1)) }),
        ("entities", { MetadataSample.png(xmp: packet("a:b='", "&")) }),
        ("one property again and again", { MetadataSample.png(xmp: packet("", "a:b='c' ")) }),
        ("open elements", { MetadataSample.png(xmp: packet(">", "<a>")) }),
        ("comments that begin", { MetadataSample.png(xmp: packet("><!-- ", "<!- ")) }),
        (
            "properties",
            {
                let attributes = (0..<300_000).map { "a:\($0)=''" }.joined(separator: " ")
                return MetadataSample.png(xmp: MetadataSample.xmp(attributes: attributes))
            }
        ),
        (
            "chunks",
            {
                let chunks: [(type: String, payload: [UInt8])] = (0..<100_000).map { index in
                    (["iTXt", "tEXt", "gAMA", "iCCP", "tIME"][index % 5], [UInt8(index % 7)])
                }
                return MetadataSample.png(chunks: chunks)
            }
        ),
        (
            "segments",
            {
                MetadataSample.jpeg(
                    segments: (0..<50_000).map { (0xE2, Array("ICC_PROFILE".utf8) + [0, UInt8($0 % 251), 250, 1]) }
                )
            }
        ),
    ]

    @Test("each takes less than a few seconds", .timeLimit(.minutes(1)), arguments: files.indices)
    func bounded(index: Int) {
        let bytes = Self.files[index].make()
        let clock = ContinuousClock()
        let time = clock.measure {
            let metadata = ImageMetadata.read(bytes)
            #expect(metadata.doubts.count <= 65)
            #expect(metadata.verbatim.values.reduce(0) { $0 + $1.count } <= 400)
        }
        #expect(time < .seconds(5), "\(Self.files[index].name): \(time)")
    }
}
