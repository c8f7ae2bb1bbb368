import Crypto
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Colour profiles are read whole or not at all")
struct MetadataICCTests {
    private func read(_ bytes: [UInt8]) -> (profile: ICCProfile?, doubts: [String]) {
        ICCProfile.read(bytes.span)
    }

    private func jpeg(_ segments: [(marker: UInt8, payload: [UInt8])]) -> [UInt8] {
        MetadataSample.jpeg(exif: ExifSample.complete().tiff, segments: segments)
    }

    @Test("the parts of a JPEG's profile may come in any order", arguments: [1, 3, 255])
    func parts(count: Int) throws {
        let bytes = ICCSample.profile(padding: 5_000)
        let segments = ICCSample.segments(bytes, parts: count)
        for order in [segments, segments.reversed()] {
            let (profile, doubts) = read(jpeg(order))
            #expect(profile?.bytes == bytes)
            #expect(profile?.description == "Test profile")
            #expect(profile?.colourSpace == "RGB ")
            #expect(profile?.deviceClass == "mntr")
            #expect(profile?.sha256 == Array(SHA256.hash(data: bytes)))
            #expect(doubts == [])
        }
        let metadata = ImageMetadata.read(jpeg(segments))
        #expect(metadata.profile?.bytes == bytes)
        #expect(metadata.doubts == [])
    }

    @Test("a PNG's profile is inflated", arguments: [UInt8(2), 4])
    func png(version: UInt8) {
        let bytes = ICCSample.profile(description: "Grün", version: version, space: "GRAY", padding: 200_000)
        let metadata = ImageMetadata.read(MetadataSample.png(chunks: [("iCCP", ICCSample.chunk(bytes))]))
        #expect(metadata.profile?.bytes == bytes)
        #expect(metadata.profile?.description == "Grün")
        #expect(metadata.profile?.colourSpace == "GRAY")
        #expect(metadata.doubts == [])
    }

    @Test("parts that are missing, double or contradict each other are no profile")
    func brokenParts() {
        let whole = ICCSample.segments(ICCSample.profile(padding: 900), parts: 3)
        var other = whole
        other[1].payload[13] = 4
        var outside = whole
        outside[2].payload[12] = 4
        var zero = whole
        zero[0].payload[12] = 0
        let contradiction = "icc: the parts are double or contradict each other, the profile was not used"
        let cases: [([(marker: UInt8, payload: [UInt8])], String)] = [
            (Array(whole.dropFirst()), "icc: 2 of 3 parts are there, the profile was not used"),
            (whole + [whole[1]], contradiction), (other, contradiction), (outside, contradiction),
            (zero, contradiction),
            ([(0xE2, Array("ICC_PROFILE".utf8) + [0, 1])], "icc: a part is cut short, the profile was not used"),
        ]
        for (segments, doubt) in cases {
            let (profile, doubts) = read(jpeg(segments))
            #expect(profile == nil)
            #expect(doubts == [doubt])
            #expect(ImageMetadata.read(jpeg(segments)).doubts == [doubt])
        }
    }

    @Test(
        "a header that is not one is no profile",
        arguments: [
            (3, UInt8(1), "the size in its header is wrong"), (36, 0x41, "it has no profile signature"),
            (8, 5, "its version is 5, not 2 to 4"), (12, 0x7A, "its class is none that images have"),
            (128, 1, "its tag table ends outside of it"), (136, 1, "a tag lies outside of it"),
            (140, 1, "a tag lies outside of it"), (139, 4, "a tag lies outside of it"),
        ]
    )
    func header(offset: Int, value: UInt8, fault: String) {
        var bytes = ICCSample.profile()
        bytes[offset] = value
        let (profile, doubts) = read(jpeg(ICCSample.segments(bytes, parts: 1)))
        #expect(profile == nil)
        #expect(doubts == ["icc: \(fault), the profile was not used"])
    }

    @Test("two chunks, damaged ones and bombs are no profile")
    func chunks() async throws {
        let chunk = ICCSample.chunk(ICCSample.profile())
        let twice = read(MetadataSample.png(chunks: [("iCCP", chunk), ("iCCP", chunk)]))
        #expect(twice.profile == nil && twice.doubts.count == 1)
        let bomb = try await Tool(Checkout.peer("python")).check([
            "-c", "import sys, zlib; sys.stdout.buffer.write(zlib.compress(bytes(1 << 28), 9))",
        ]).output
        for stream in [Array(chunk.dropFirst(6).dropLast()), Array(chunk.dropFirst(8)), [], bomb] {
            let (profile, doubts) = read(MetadataSample.png(chunks: [("iCCP", Array("a".utf8) + [0, 0] + stream)]))
            #expect(profile == nil)
            #expect(doubts == ["icc: the profile cannot be inflated, not used"])
        }
    }

    @Test("every cut and every changed byte gives a profile or a doubt")
    func damage() {
        let bytes = ICCSample.profile(version: 4)
        for index in bytes.indices {
            for value in [0, 0x7F, 0xFF, bytes[index] ^ 1] where value != bytes[index] {
                var changed = bytes
                changed[index] = value
                let (profile, doubts) = read(jpeg(ICCSample.segments(changed, parts: 1)))
                #expect((profile == nil) == !doubts.isEmpty)
            }
            #expect(read(jpeg(ICCSample.segments(Array(bytes[..<index]), parts: 1))).profile == nil)
        }
    }

    @Test("a profile fits pixels of its own space that were not converted")
    func fits() throws {
        func profile(_ space: String) throws -> ICCProfile {
            try #require(read(jpeg(ICCSample.segments(ICCSample.profile(space: space), parts: 1))).profile)
        }
        let rgb = try profile("RGB ")
        let grey = try profile("GRAY")
        let inks = try profile("CMYK")

        let colour = try Samples.noise(width: 8, height: 8, channels: 3).file
        let palette = ["@in", "-colors", "16", "-define", "png:color-type=3", "png:@out"]
        for bytes in [
            colour, try Samples.noise(width: 8, height: 8, channels: 4).file, try Samples.jpeg(),
            try Peers.run("convert", palette, input: colour),
        ] {
            let info = try ImageProbe.probe(ImageFile(bytes: bytes))
            #expect(rgb.fits(info) && !grey.fits(info) && !inks.fits(info), "\(info.colourModel)")
        }
        for bytes in [
            try Samples.noise(width: 8, height: 8, channels: 1).file,
            try Samples.noise(width: 8, height: 8, channels: 2).file, try Samples.jpeg(channels: 1),
        ] {
            let info = try ImageProbe.probe(ImageFile(bytes: bytes))
            #expect(grey.fits(info) && !rgb.fits(info) && !inks.fits(info), "\(info.colourModel)")
        }
        let converted = try Peers.run("convert", ["@in", "-colorspace", "CMYK", "jpeg:@out"], input: colour)
        let info = try ImageProbe.probe(ImageFile(bytes: converted))
        #expect(info.conversion != nil)
        #expect(!inks.fits(info) && !rgb.fits(info))
    }

    @Test(
        "exiftool and Pillow agree: a profile of their making, in files that exiftool wrote",
        arguments: ["jpg", "png"]
    )
    func peers(suffix: String) async throws {
        let scratch = try Scratch("icc")
        let exiftool = try Tool("exiftool", install: "install the Debian package libimage-exiftool-perl")
        let pillow = try Tool(Checkout.peer("python"))
        let own = scratch.file("pillow.icc")
        try await pillow.check([
            "-c",
            """
            import sys
            from PIL import ImageCms
            open(sys.argv[1], 'wb').write(ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes())
            """, own,
        ])
        let large = scratch.file("large.icc")
        try Data(ICCSample.profile(description: "Large", padding: 150_000)).write(to: URL(filePath: large))

        for name in [own, large] {
            let path = scratch.file("\(UUID().uuidString).\(suffix)")
            let image =
                suffix == "jpg" ? try Samples.jpeg() : try Samples.noise(width: 16, height: 16, channels: 3).file
            try Data(image).write(to: URL(filePath: path))
            try await exiftool.check(["-icc_profile<=\(name)", path])
            let (profile, doubts) = read([UInt8](try Data(contentsOf: URL(filePath: path))))
            #expect(doubts == [])
            #expect(profile?.bytes == [UInt8](try Data(contentsOf: URL(filePath: name))))
            let peer = try await ExifTool.read(path)
            #expect(profile?.description == peer.text("ICC_Profile:ProfileDescription"))
            #expect(profile?.colourSpace == peer.text("ICC_Profile:ColorSpaceData"))
            #expect(profile?.deviceClass == peer.text("ICC_Profile:ProfileClass"))
        }
    }
}
