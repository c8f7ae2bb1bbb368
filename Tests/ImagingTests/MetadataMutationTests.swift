import Imaging
import TestSupport
import Testing

@Suite("Damaged metadata never ends the program")
struct MetadataMutationTests {
    private static let originals: [[UInt8]] = [false, true].flatMap { isBigEndian in
        let tiff = ExifSample.complete(isBigEndian: isBigEndian).tiff
        let profile = ICCSample.profile(version: isBigEndian ? 2 : 4)
        let compressed = [0, 1, 0, 0, 0] + MetadataSample.stored(Array(MetadataSample.completeXMP.utf8))
        return [
            MetadataSample.jpeg(
                exif: tiff,
                xmp: MetadataSample.completeXMP,
                segments: ICCSample.segments(profile, parts: 2)
            ),
            MetadataSample.png(
                exif: tiff,
                chunks: [
                    ("iCCP", ICCSample.chunk(profile)), ("iTXt", Array("XML:com.adobe.xmp".utf8) + compressed),
                ]
            ),
        ]
    }

    @Test("20,000 files with a few changed, lost or doubled bytes each give a value", arguments: 0..<4)
    func mutations(original: Int) {
        var changed = 0
        let whole = ImageMetadata.read(Self.originals[original])
        for seed in 0..<5_000 {
            var generator = SeededGenerator(seed: UInt64(seed * 4 + original))
            var bytes = Self.originals[original]
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[position] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
                case 2: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 3: bytes.remove(at: position)
                default:
                    bytes.insert(contentsOf: bytes[position...].prefix(7), at: position)
                }
            }
            let metadata = ImageMetadata.read(bytes)
            if metadata != whole { changed += 1 }
            if let orientation = metadata.orientation { #expect((1...8).contains(orientation)) }
            if let latitude = metadata.latitude { #expect(abs(latitude) <= 90) }
            if let longitude = metadata.longitude { #expect(abs(longitude) <= 180) }
            #expect(metadata.verbatim.values.allSatisfy { $0.values.allSatisfy { $0.utf8.count <= 256 } })
            #expect(Set(metadata.sources.keys) == Set(metadata.fields.map(\.key)))
            if let footprint = Footprint.footprint(of: metadata, imageWidth: 5_472, imageHeight: 3_648) {
                #expect(footprint.errorMetres > 0 && footprint.errorMetres.isFinite)
            }
        }
        #expect(changed > 2_500)
    }

    @Test("a file cut anywhere gives a value", arguments: 0..<4)
    func cuts(original: Int) {
        let bytes = Self.originals[original]
        for length in bytes.indices {
            let metadata = ImageMetadata.read(Array(bytes[..<length]))
            if length < 40 { #expect(metadata.make == nil) }
        }
    }
}
