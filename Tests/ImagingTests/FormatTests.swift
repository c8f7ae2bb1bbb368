import Imaging
import Testing

@Suite("Formats")
struct FormatTests {
    @Test(
        "what is not cut is named, with what to do",
        arguments: [
            ("TIFF", [0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0]), ("TIFF", [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 0]),
            ("DNG", [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0xC6, 0, 0]),
            ("DNG", [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0xC6, 0x12]),
            ("BigTIFF", [0x49, 0x49, 43, 0, 8, 0, 0, 0]),
            ("CR2", [0x49, 0x49, 42, 0, 16, 0, 0, 0, 0x43, 0x52]),
            ("RW2", [0x49, 0x49, 0x55, 0, 8, 0, 0, 0]), ("ORF", [0x49, 0x49, 0x52, 0x4F, 8, 0, 0, 0]),
            ("GIF", Array("GIF89a".utf8)), ("BMP", Array("BM......".utf8)),
            ("Photoshop", Array("8BPS..".utf8)),
            ("RAF", Array("FUJIFILMCCD-RAW 0201".utf8)), ("WebP", Array("RIFF....WEBPVP8 ".utf8)),
            ("AVI", Array("RIFF....AVI LIST".utf8)), ("HEIC", [0, 0, 0, 24] + Array("ftypheic....".utf8)),
            ("HEIC", [0, 0, 0, 24] + Array("ftypmif1....".utf8)),
            ("AVIF", [0, 0, 0, 24] + Array("ftypavif....".utf8)),
            ("CR3", [0, 0, 0, 24] + Array("ftypcrx ....".utf8)),
            ("MOV", [0, 0, 0, 24] + Array("ftypqt  ....".utf8)),
            ("MOV", [0, 0, 0, 24] + Array("moov........".utf8)),
            ("MP4", [0, 0, 0, 24] + Array("ftypisom....".utf8)),
            ("MP4", [0, 0, 0, 24] + Array("ftypmp42....".utf8)), ("WebM", [0x1A, 0x45, 0xDF, 0xA3]),
            ("JPEG 2000", [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]), ("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51]),
            ("JPEG XL", [0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20]), ("JPEG XL", [0xFF, 0x0A, 0, 0]),
            ("JPEG XR", [0x49, 0x49, 0xBC, 1, 0, 0, 0, 0]), ("OpenEXR", [0x76, 0x2F, 0x31, 1]),
        ] as [(String, [UInt8])]
    )
    func unsupported(name: String, bytes: [UInt8]) throws {
        let error = try #require(Samples.verdict(bytes))
        #expect(error.code == .unsupportedFormat)
        #expect(error.message.contains(name), "\(error)")
        #expect(error.message.contains(";"), "no advice in \(error)")
    }

    @Test(
        "raw files behind TIFF's magic are named, and a maker's plain TIFF is one",
        arguments: [
            ("Nikon NEF raw", "NIKON CORPORATION", 0x00FE, 1), ("Sony ARW raw", "SONY", 0x00FE, 1),
            ("Pentax PEF raw", "PENTAX Corporation", 0x0106, 32_803),
            ("Pentax PEF raw", "RICOH IMAGING", 0x0106, 32_803),
            ("TIFF", "NIKON CORPORATION", 0x0106, 2), ("TIFF", "SONY", 0x00FE, 0), ("TIFF", "Somebody", 0x00FE, 1),
        ]
    )
    func raws(name: String, make: String, tag: Int, value: Int) throws {
        for little in [true, false] {
            func word(_ value: Int, _ count: Int) -> [UInt8] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
                return little ? bytes : bytes.reversed()
            }
            func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
                word(tag, 2) + word(type, 2) + word(count, 4) + value
            }
            let text = Array(make.utf8) + [0]
            let type = tag == 0x0106 ? 3 : 4
            let number = type == 3 ? word(value, 2) + [0, 0] : word(value, 4)
            let bytes =
                (little ? [0x49, 0x49] : [0x4D, 0x4D]) + word(42, 2) + word(8, 4) + word(2, 2)
                + entry(tag, type, 1, number) + entry(0x010F, 2, text.count, word(34, 4)) + text
            let error = try #require(Samples.verdict(bytes))
            #expect(error.code == .unsupportedFormat && error.message.hasPrefix(name + " "), "\(error)")
            for count in 0..<bytes.count { _ = Samples.verdict(Array(bytes[..<count])) }
        }
    }

    @Test(
        "films are named by their container",
        arguments: [
            ("MPEG transport stream", [0x47] + [UInt8](repeating: 1, count: 187)),
            ("MPEG transport stream", [0, 0, 0, 0, 0x47] + [UInt8](repeating: 1, count: 187)),
            ("MPEG program stream", [0x00, 0x00, 0x01, 0xBA] + [UInt8](repeating: 0x44, count: 100)),
            ("ASF", [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9]),
            ("Flash video", Array("FLV".utf8) + [1, 5, 0, 0, 0, 9]),
        ] as [(String, [UInt8])]
    )
    func films(name: String, part: [UInt8]) throws {
        let error = try #require(Samples.verdict(part + part + part))
        #expect(error.code == .unsupportedFormat && error.message.contains(name) && error.message.contains("frames"))
    }

    @Test(
        "JPEG processes that are not decoded are named",
        arguments: [
            (0xC3, "lossless"), (0xC5, "hierarchical"), (0xC6, "hierarchical"), (0xC7, "hierarchical"),
            (0xC9, "arithmetic"), (0xCA, "arithmetic"), (0xCB, "arithmetic"), (0xCD, "hierarchical"),
            (0xF7, "JPEG-LS"),
        ] as [(UInt8, String)]
    )
    func processes(marker: UInt8, name: String) throws {
        var bytes = try Samples.jpeg()
        let frame = try #require(
            bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }
        )
        bytes[frame + 1] = marker
        let error = try #require(Samples.verdict(bytes))
        #expect(error.code == .unsupportedFormat)
        #expect(error.message.contains(name))
        #expect(error.byteOffset == frame)
    }

    @Test(
        "12-bit, two-component and DNL files are refused by name",
        arguments: [(4, 12, "12-bit"), (9, 2, "2 components")]
    )
    func frames(offset: Int, value: UInt8, name: String) throws {
        var bytes = try Samples.jpeg()
        let frame = try #require(
            bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }
        )
        bytes[frame + offset] = value
        let error = try #require(Samples.verdict(bytes))
        #expect(error.code == .unsupportedFormat && error.message.contains(name), "\(error)")
    }

    @Test("a real arithmetic-coded file is refused")
    func arithmetic() throws {
        let bytes = try Peers.run(
            "jpegtran",
            ["-arithmetic", "-outfile", "@out", "@in"],
            input: Samples.jpeg()
        )
        #expect(Samples.verdict(bytes)?.code == .unsupportedFormat)
    }

    @Test("no bytes are an empty file")
    func empty() {
        #expect(Samples.verdict([])?.code == .emptyFile)
    }

    @Test(
        "what was never an image is told apart",
        arguments: [
            ("text", Array("just some words\n".utf8)), ("XML", Array("<?xml version='1.0'?><Error/>".utf8)),
            ("web page", Array("<!DOCTYPE html><title>502</title>".utf8)), ("ZIP", [0x50, 0x4B, 3, 4, 0, 0]),
            ("PDF", Array("%PDF-1.7".utf8)), ("zeros", [UInt8](repeating: 0, count: 5000)),
            ("known", [0x80, 0x81, 0xFE]),
        ] as [(String, [UInt8])]
    )
    func notAnImage(name: String, bytes: [UInt8]) throws {
        let error = try #require(Samples.verdict(bytes))
        #expect(error.code == .notAnImage)
        #expect(error.message.contains(name), "\(error)")
    }

    @Test("a missing file and a directory cannot be read", arguments: ["/nowhere/at/all.jpg", "/"])
    func unreadable(path: String) {
        #expect(throws: ImagingError.Code.unreadableFile) {
            try codes { () throws(ImagingError) in try ImageFile(path: path) }
        }
    }

    @Test("the probe tells what the pixels will be")
    func probe() throws {
        let grey = try ImageProbe.probe(ImageFile(bytes: Samples.jpeg(width: 31, height: 17, channels: 1)))
        #expect(grey.format == .jpeg && grey.width == 31 && grey.height == 17 && grey.channels == 1)
        #expect(grey.colourModel == .grey && grey.conversion == nil && !grey.progressive)
        let deep = try ImageProbe.probe(
            ImageFile(bytes: Samples.noise(width: 5, height: 6, channels: 4, bitDepth: 16).file)
        )
        #expect(deep.format == .png && deep.channels == 4 && deep.bitDepth == 16 && deep.storedBitDepth == 16)
    }

    @Test("a progressive JPEG gives the baseline's pixels")
    func progressive() throws {
        let baseline = try Samples.jpeg()
        let progressive = try Peers.run(
            "jpegtran",
            ["-progressive", "-outfile", "@out", "@in"],
            input: baseline
        )
        let one = try PixelDecoder.decode(ImageFile(bytes: baseline))
        let two = try PixelDecoder.decode(ImageFile(bytes: progressive))
        #expect(two.info.progressive && !one.info.progressive)
        #expect(one.pixels == two.pixels)
        #expect(
            try Samples.tiles(baseline).tiles.map(\.sha256) == Samples.tiles(progressive).tiles.map(\.sha256)
        )
    }

    @Test("JPEG pixels are libjpeg's own")
    func djpeg() throws {
        let bytes = try Samples.jpeg(width: 77, height: 41)
        let portable = try Peers.run("djpeg", ["-ppm", "-outfile", "@out", "@in"], input: bytes)
        #expect(
            Array(portable.suffix(77 * 41 * 3)) == (try PixelDecoder.decode(ImageFile(bytes: bytes)).pixels)
        )
    }

    @Test("CMYK becomes RGB and says so")
    func cmyk() throws {
        let source = try PNGEncoder.encode(
            pixels: [UInt8](repeating: 0, count: 0)
                + (0..<64 * 64).flatMap { _ in [200, 60, 20] as [UInt8] },
            width: 64,
            height: 64,
            channels: 3
        )
        let bytes = try Peers.run(
            "convert",
            ["@in", "-colorspace", "CMYK", "-quality", "98", "jpeg:@out"],
            input: source
        )
        let decoded = try PixelDecoder.decode(ImageFile(bytes: bytes))
        #expect([.cmyk, .ycck].contains(decoded.info.colourModel))
        #expect(decoded.info.conversion?.hasSuffix("to rgb") == true)
        for (value, expected) in zip(decoded.pixels.prefix(3), [200, 60, 20]) {
            #expect(abs(Int(value) - expected) <= 6, "\(decoded.pixels.prefix(3))")
        }
    }

    @Test("small and transparent palettes and grey bits are unpacked", arguments: [1, 2, 4, 8])
    func palettes(bits: Int) throws {
        // Only values that the bits can hold.
        let levels = (1 << bits) - 1
        let source = Samples.photograph(width: 37, height: 19, channels: 1).map {
            UInt8(Int($0) * levels / 255 * 255 / levels)
        }
        let png = try PNGEncoder.encode(pixels: source, width: 37, height: 19, channels: 1)
        let grey = try Peers.run(
            "convert",
            [
                "@in", "-depth", "\(bits)", "-define", "png:color-type=0", "-define", "png:bit-depth=\(bits)",
                "png:@out",
            ],
            input: Array("P5 37 19 255\n".utf8) + source,
            named: "in.pgm"
        )
        let decoded = try PixelDecoder.decode(ImageFile(bytes: grey))
        #expect(
            decoded.info.storedBitDepth == bits && decoded.info.channels == 1 && decoded.info.bitDepth == 8
        )
        #expect(
            decoded.pixels == (try Peers.run("convert", ["@in", "-depth", "8", "gray:@out"], input: grey))
        )

        let palette = try Peers.run(
            "convert",
            [
                "@in", "-colors", "\(1 << bits)", "-transparent", "rgb(1,2,3)", "-define", "png:color-type=3",
                "png:@out",
            ],
            input: png
        )
        let expanded = try PixelDecoder.decode(ImageFile(bytes: palette))
        #expect(expanded.info.colourModel == .palette)
        let form = expanded.info.channels == 4 ? "rgba" : "rgb"
        #expect(
            expanded.pixels
                == (try Peers.run("convert", ["@in", "-depth", "8", form + ":@out"], input: palette))
        )
    }

    @Test("an interlaced PNG gives the plain one's tiles")
    func interlaced() throws {
        let plain = try Samples.noise(width: 150, height: 110, channels: 3).file
        let interlaced = try Peers.run("convert", ["@in", "-interlace", "PNG", "png24:@out"], input: plain)
        #expect(try ImageProbe.probe(ImageFile(bytes: interlaced)).progressive)
        #expect(try Samples.tiles(plain).tiles.map(\.md5) == Samples.tiles(interlaced).tiles.map(\.md5))
    }

    @Test("bytes after the image are counted, not judged", arguments: [0, 1, 5000])
    func trailing(count: Int) throws {
        let tail = [UInt8](repeating: 0xFF, count: count)
        #expect(try Samples.tiles(Samples.jpeg() + tail).result.trailingBytes == count)
        let png = try Samples.noise(width: 9, height: 9, channels: 1).file
        #expect(try Samples.tiles(png + tail).result.trailingBytes == count)
    }
}
