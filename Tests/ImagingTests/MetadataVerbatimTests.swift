import Crypto
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("What the tags said is kept as they said it")
struct MetadataVerbatimTests {
    private func read(_ exif: ExifSample, xmp: String? = nil) -> ImageMetadata {
        ImageMetadata.read(MetadataSample.jpeg(exif: exif.tiff, xmp: xmp))
    }

    @Test("numbers, fractions, text and bytes")
    func values() throws {
        var exif = ExifSample.complete()
        exif.photo += [
            (0x9000, .raw(type: 7, count: 4, bytes: Array("0232".utf8))),
            (0x9101, .raw(type: 7, count: 4, bytes: [1, 2, 3, 0])),
            (0x9204, .raw(type: 9, count: 1, bytes: [255, 255, 255, 255])),
            (0x9286, .raw(type: 7, count: 11, bytes: Array("ASCII\0\0\0abc".utf8))),
            (0x927C, .raw(type: 7, count: 6, bytes: [1, 2, 3, 4, 5, 6])),
            (0xA302, .raw(type: 7, count: 8, bytes: [0, 2, 0, 2, 0, 1, 1, 2])), (0xC4A5, .short([7])),
            (0xA500, .raw(type: 12, count: 1, bytes: [0, 0, 0, 0, 0, 0, 0x04, 0x40])),
        ]
        let verbatim = try #require(read(exif).verbatim["exif"])
        #expect(verbatim["Make"] == "DJI")
        #expect(verbatim["FocalLength"] == "1026/100")
        #expect(verbatim["GPSLatitudeRef"] == "S")
        #expect(verbatim["GPSLatitude"] == "34/1 30/1 36/1")
        #expect(verbatim["GPSAltitudeRef"] == "0")
        #expect(verbatim["ExifVersion"] == "0232")
        #expect(verbatim["ComponentsConfiguration"] == "1 2 3 0")
        #expect(verbatim["ExposureBiasValue"] == "-1")
        #expect(verbatim["UserComment"] == #"ASCII\x00\x00\x00abc"#)
        #expect(verbatim["CFAPattern"] == "8 bytes")
        #expect(verbatim["0xc4a5"] == "7")
        #expect(verbatim["Gamma"] == "2.5")
        #expect(verbatim["MakerNote"] == nil && verbatim["0x927c"] == nil && verbatim["0x8769"] == nil)
        #expect(
            read(exif).leftOut == [
                "exif MakerNote: 6 bytes, not read", "exif CFAPattern: binary, told by its size alone",
            ]
        )
    }

    @Test("size and digest tell of the blocks as they stood in the file")
    func blocks() {
        let exif = ExifSample.complete()
        let metadata = read(exif, xmp: MetadataSample.completeXMP)
        let expected = [("exif", exif.tiff), ("xmp", Array(MetadataSample.completeXMP.utf8))]
        #expect(metadata.blocks.count == 2)
        for (name, bytes) in expected {
            #expect(metadata.blocks[name]?.bytes == bytes.count)
            #expect(metadata.blocks[name]?.sha256 == Array(SHA256.hash(data: bytes)))
        }
        #expect(ImageMetadata.read(MetadataSample.jpeg()).blocks.isEmpty)
        #expect(metadata.leftOut.isEmpty)
    }

    @Test(
        "whatever the bytes are, the text is short and printable",
        arguments: [
            ([0x41, 0xE9, 0x42], #"A\xE9B"#), ([0x1B, 0x5B, 0x33], #"\x1B[3"#), ([0xC2, 0x85, 0x20], #"\xC2\x85 "#),
            (Array(#"DCIM\100"#.utf8), #"DCIM\100"#), (Array(#"a\x41"#.utf8), #"a\x5Cx41"#),
            (Array("Käfer 🚁".utf8), "Käfer 🚁"), ([0x61, 0, 0x62, 0, 0], #"a\x00b"#),
            ([0xF0, 0x9F, 0x9A], #"\xF0\x9F\x9A"#),
            ([0, 0], ""), ([UInt8](repeating: 0x61, count: 256), String(repeating: "a", count: 256)),
            ([UInt8](repeating: 0x61, count: 257), String(repeating: "a", count: 253) + "…"),
            ([UInt8](repeating: 0xFF, count: 90), String(repeating: #"\xFF"#, count: 63) + "…"),
        ] as [([UInt8], String)]
    )
    func escaped(bytes: [UInt8], text: String) {
        var exif = ExifSample.complete()
        exif.image.append((0x010E, .raw(type: 2, count: bytes.count, bytes: bytes)))
        #expect(read(exif).verbatim["exif"]?["ImageDescription"] == text)
    }

    @Test("a long list is cut, and never read to its end")
    func list() throws {
        var exif = ExifSample.complete()
        exif.image.append((0x4001, .short(Array(0..<5_000))))
        let text = try #require(read(exif).verbatim["exif"]?["0x4001"])
        #expect(text.hasPrefix("0 1 2 3 "))
        #expect(text.hasSuffix("…"))
        #expect(text.utf8.count <= 256)
        #expect(read(exif).leftOut == ["exif 0x4001: cut after 256 bytes"])
    }

    @Test("there are 400 entries at most, and a doubt says that some are missing")
    func limit() {
        var exif = ExifSample.complete()
        exif.photo += (0x4000..<0x4300).map { ($0, .short([1])) }
        let metadata = read(exif, xmp: MetadataSample.completeXMP)
        #expect(metadata.verbatim.values.reduce(0) { $0 + $1.count } == 400)
        #expect(metadata.doubts == ["verbatim: the file has more than 400 tags, the rest is left out"])
        #expect(metadata.gimbalPitch == -89.9)
    }

    @Test("a number that two directories use is there twice")
    func collision() {
        var exif = ExifSample.complete()
        exif.image.append((0xC4A5, .short([1])))
        exif.photo.append((0xC4A5, .short([2])))
        let verbatim = read(exif).verbatim["exif"]
        #expect(verbatim?["0xc4a5"] == "1")
        #expect(verbatim?["ExifIFD:0xc4a5"] == "2")
    }

    @Test("simple properties of XMP are there, structures and lists are not")
    func xmp() {
        let packet = MetadataSample.xmp(
            attributes: #"rdf:about="x" xmlns:a="urn:a" a:one=' 1 ' xmp:Note="a &lt; b &#x41;""#,
            elements: """
                <a:two>2</a:two><a:list><rdf:Seq><rdf:li>3</rdf:li></rdf:Seq></a:list>
                <a:structure><rdf:Description a:inner="4"><a:deep>5</a:deep></rdf:Description></a:structure>
                <a:empty/><a:three xml:lang="x-default">6</a:three>
                """
        )
        let metadata = ImageMetadata.read(MetadataSample.jpeg(xmp: packet))
        #expect(
            metadata.leftOut == [
                "xmp a:list: a structure or list, passed over", "xmp a:structure: a structure or list, passed over",
            ]
        )
        let verbatim = metadata.verbatim["xmp"]
        #expect(verbatim == ["a:one": " 1 ", "xmp:Note": "a < b &#x41;", "a:two": "2", "a:three": "6"])
    }

    @Test("a packet in UTF-16, and one with an extension, are doubted")
    func otherPackets() {
        let wide = MetadataSample.jpeg(xmp: String("<x:xmpmeta/>".flatMap { ["\0", $0] }))
        #expect(ImageMetadata.read(wide).doubts == ["xmp: is not written in UTF-8, not read"])
        let header = Array("http://ns.adobe.com/xmp/extension/".utf8) + [0]
        let extended = MetadataSample.jpeg(segments: [(0xE1, header + [1, 2, 3])])
        #expect(ImageMetadata.read(extended).doubts == ["xmp: has a second, extended part, which was not read"])
    }
}
