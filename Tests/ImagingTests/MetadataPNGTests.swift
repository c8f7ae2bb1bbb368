import Foundation
import Imaging
import TestSupport
import Testing

@Suite("PNG metadata is found in every chunk that holds it")
struct MetadataPNGTests {
    private static let xmp = Array(MetadataSample.completeXMP.utf8)
    private static let tiff = ExifSample.complete().tiff

    /// A profile in text, as ImageMagick writes it.
    private static func raw(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let lines = stride(from: 0, to: digits.count, by: 36).map { digits[$0...].prefix(36).joined() }
        return Array(
            "\n\(name)\n\(String(repeating: " ", count: 4))\(bytes.count)\n\(lines.joined(separator: "\n"))\n".utf8
        )
    }

    private static func text(_ keyword: String, _ bytes: [UInt8]) -> [UInt8] { Array(keyword.utf8) + [0] + bytes }

    static let directories: [(String, [UInt8])] = [
        ("eXIf", Array("Exif".utf8) + [0, 0] + tiff),
        ("tEXt", text("Raw profile type exif", raw("exif", Array("Exif".utf8) + [0, 0] + tiff))),
        ("zTXt", text("Raw profile type exif", [0] + MetadataSample.stored(raw("exif", tiff)))),
        (
            "zTXt",
            text(
                "Raw profile type APP1",
                [0] + MetadataSample.stored(raw("generic profile", Array("Exif".utf8) + [0, 0] + tiff))
            )
        ),
    ]

    @Test("EXIF", arguments: directories.indices)
    func exif(index: Int) {
        let metadata = ImageMetadata.read(MetadataSample.png(chunks: [Self.directories[index]]))
        #expect(metadata.fields.count > 15)
        #expect(metadata == ImageMetadata.read(MetadataSample.png(exif: Self.tiff)))
    }

    static let packets: [(String, [UInt8])] = [
        ("iTXt", text("XML:com.adobe.xmp", [1, 0] + Array("en".utf8) + [0, 0] + MetadataSample.stored(xmp))),
        ("zTXt", text("Raw profile type xmp", [0] + MetadataSample.stored(raw("xmp", xmp)))),
    ]

    @Test("XMP", arguments: packets.indices)
    func xmp(index: Int) {
        let metadata = ImageMetadata.read(MetadataSample.png(chunks: [Self.packets[index]]))
        #expect(metadata.gimbalPitch == -89.9)
        #expect(metadata == ImageMetadata.read(MetadataSample.png(xmp: MetadataSample.completeXMP)))
    }

    @Test("what cannot be inflated, and too much of it, is doubted")
    func damaged() {
        let damaged = Self.text("XML:com.adobe.xmp", [1, 0, 0, 0] + Array(MetadataSample.stored(Self.xmp).dropLast(5)))
        #expect(
            ImageMetadata.read(MetadataSample.png(chunks: [("iTXt", damaged)])).doubts
                == ["xmp: the block cannot be inflated, not read"]
        )
        let notHexadecimal = Self.text("Raw profile type exif", Array("\nexif\n 4\n0g00\n".utf8))
        #expect(
            ImageMetadata.read(MetadataSample.png(chunks: [("tEXt", notHexadecimal)])).doubts
                == ["Raw profile type exif: is not written in hexadecimal, not read"]
        )
        let many = [(type: String, payload: [UInt8])](repeating: ("iTXt", Self.packets[0].1), count: 20)
        let metadata = ImageMetadata.read(MetadataSample.png(chunks: many))
        #expect(metadata.gimbalPitch == -89.9)
        #expect(metadata.doubts == ["xmp: the block cannot be inflated, not read"])
    }

    @Test("gamma, chromaticities and intent are quoted, nothing more")
    func colour() {
        let white = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000]
        let chunks: [(type: String, payload: [UInt8])] = [
            ("gAMA", [0, 0, 0xB1, 0x8F]), ("sRGB", [1]), ("gAMA", [0]),
            ("cHRM", white.flatMap { value in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }),
        ]
        let metadata = ImageMetadata.read(MetadataSample.png(chunks: chunks))
        #expect(
            metadata.verbatim == [
                "png": [
                    "gAMA": "45455", "sRGB": "1", "cHRM": "31270 32900 64000 33000 30000 60000 15000 6000",
                ]
            ]
        )
        #expect(metadata.doubts == ["png: chunk gAMA has another length than its kind, not read"])
        #expect(metadata.fields.isEmpty)
    }

    @Test("exiftool reads the same from text profiles", arguments: [1, 2])
    func peer(index: Int) async throws {
        let scratch = try Scratch("png")
        let path = scratch.file("raw.png")
        let bytes = MetadataSample.png(chunks: [Self.directories[index], Self.packets[1]])
        try Data(bytes).write(to: URL(filePath: path))
        let peer = try await ExifTool.read(path)
        let metadata = ImageMetadata.read(bytes)
        #expect(peer.text("EXIF:Model") == "FC9999")
        #expect(metadata.model == "FC9999")
        #expect(peer.number("XMP:GimbalPitchDegree") == metadata.gimbalPitch)
    }
}
