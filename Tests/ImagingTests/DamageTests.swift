import Imaging
import TestSupport
import Testing

@Suite("Damaged files")
struct DamageTests {
    @Test("a JPEG cut off anywhere is refused", arguments: [true, false])
    func truncatedJPEG(progressive: Bool) throws {
        let baseline = try Samples.jpeg()
        let whole =
            progressive
            ? try Peers.run("jpegtran", ["-progressive", "-outfile", "@out", "@in"], input: baseline)
            : baseline
        #expect(Samples.verdict(whole) == nil)
        for length in stride(from: 0, to: whole.count, by: 7) + [whole.count - 2, whole.count - 1] {
            let error = try #require(Samples.verdict(Array(whole[..<length])), "\(length) bytes gave pixels")
            if length > 2 {
                #expect([.truncated, .corrupt].contains(error.code), "\(length): \(error)")
                #expect(error.byteOffset != nil, "\(length): \(error)")
            }
        }
    }

    @Test("a progressive JPEG whose last scans were cut out is refused, though it ends as it should")
    func missingScans() throws {
        let whole = try Peers.run(
            "jpegtran",
            ["-progressive", "-outfile", "@out", "@in"],
            input: Samples.jpeg()
        )
        let scans = whole.indices.dropLast().filter { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA }
        #expect(scans.count > 4)
        for scan in scans.dropFirst() {
            let error = try #require(Samples.verdict(whole[..<scan] + [0xFF, 0xD9]))
            #expect(error.code == .truncated, "\(error)")
        }
    }

    @Test("a PNG cut off anywhere is refused")
    func truncatedPNG() throws {
        let whole = try Samples.noise(width: 40, height: 30, channels: 3).file
        for length in stride(from: 1, to: whole.count, by: 5) + [whole.count - 1] {
            let error = try #require(Samples.verdict(Array(whole[..<length])), "\(length) bytes gave pixels")
            if length >= 8 {
                #expect([.truncated, .corrupt].contains(error.code), "\(length): \(error)")
                #expect(error.byteOffset != nil)
            }
        }
    }

    @Test("a wrong CRC is refused, and the chunk named", arguments: ["IHDR", "IDAT", "IEND"])
    func badCRC(name: String) throws {
        var bytes = try Samples.noise(width: 40, height: 30, channels: 3).file
        let at = try #require(bytes.indices.first { bytes[$0...].starts(with: name.utf8) })
        let length = bytes[at - 4..<at].reduce(0) { $0 << 8 | Int($1) }
        bytes[at + 4 + length] ^= 1
        let error = try #require(Samples.verdict(bytes))
        #expect(error.code == .corrupt)
        #expect(error.message.contains(name) && error.message.contains("CRC"), "\(error)")
        #expect(error.byteOffset == at + 4 + length + 4)
    }

    @Test("any damaged byte gives pixels or an error, and never a crash", arguments: 0..<6)
    func mutations(kind: Int) throws {
        let jpeg = try Samples.jpeg(width: 90, height: 70)
        let png = try Samples.noise(width: 33, height: 21, channels: 4).file
        let whole =
            switch kind {
            case 0: jpeg
            case 1: try Peers.run("jpegtran", ["-progressive", "-outfile", "@out", "@in"], input: jpeg)
            case 2:
                try Peers.run(
                    "jpegtran",
                    ["-restart", "1", "-optimize", "-outfile", "@out", "@in"],
                    input: jpeg
                )
            case 3: png
            case 4: try Peers.run("convert", ["@in", "-interlace", "PNG", "png32:@out"], input: png)
            default: try Peers.run("convert", ["@in", "-colors", "200", "png8:@out"], input: png)
            }
        #expect(Samples.verdict(whole) == nil)
        var noise = SeededGenerator(seed: UInt64(kind))
        var refused = 0
        for round in 0..<250 {
            var bytes = whole
            for _ in 0...round % 4 {
                let at = Int.random(in: 2..<bytes.count, using: &noise)
                switch Int.random(in: 0..<4, using: &noise) {
                case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &noise)
                case 1: bytes[at] = UInt8.random(in: 0...255, using: &noise)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1..<9, using: &noise)))
                default: bytes.insert(contentsOf: bytes[max(0, at - 5)..<at], at: at)
                }
            }
            if Samples.verdict(bytes) != nil { refused += 1 }
        }
        // PNG's CRCs find nearly all of it; JPEG has none, and a changed coefficient is as good as any other.
        #expect(refused > (kind < 3 ? 50 : 240), "\(refused) of 250 were refused")
    }

    @Test("the first bytes of a header, with the rest random, never crash", arguments: [0, 1])
    func randomTails(kind: Int) throws {
        let whole =
            kind == 0 ? try Samples.jpeg() : try Samples.noise(width: 33, height: 21, channels: 4).file
        var noise = SeededGenerator(seed: 77)
        for length in stride(from: 3, to: whole.count, by: max(1, whole.count / 120)) {
            let tail = (0..<200).map { _ in UInt8.random(in: 0...255, using: &noise) }
            #expect(Samples.verdict(whole[..<length] + tail) != nil)
        }
    }

    @Test("a header that claims 65,535 x 65,535 pixels is refused before anything is allocated")
    func bombs() throws {
        var jpeg = try Samples.jpeg()
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(Samples.verdict(jpeg)?.code == .tooManyPixels)
        var png = try Samples.noise(width: 4, height: 4, channels: 3).file
        png.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        #expect(Samples.verdict(png)?.code == .tooManyPixels)
        png.replaceSubrange(16..<24, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(Samples.verdict(png)?.code == .tooManyPixels)
    }

    @Test(
        "no pixels are refused",
        arguments: [[0, 0, 0, 0, 0, 0, 0, 4], [0, 0, 0, 4, 0, 0, 0, 0]] as [[UInt8]]
    )
    func emptyAxis(size: [UInt8]) throws {
        var png = try Samples.noise(width: 4, height: 4, channels: 3).file
        png.replaceSubrange(16..<24, with: size)
        #expect(Samples.verdict(png)?.code == .corrupt)
    }

    @Test("memory for what must be held whole is limited", arguments: [true, false])
    func buffered(jpeg: Bool) throws {
        let bytes =
            jpeg
            ? try Peers.run("jpegtran", ["-progressive", "-outfile", "@out", "@in"], input: Samples.jpeg())
            : try Peers.run(
                "convert",
                ["@in", "-interlace", "PNG", "png:@out"],
                input: Samples.noise(width: 160, height: 120, channels: 3).file
            )
        #expect(throws: ImagingError.Code.tooManyPixels) {
            try codes { () throws(ImagingError) in
                try ImageProbe.probe(ImageFile(bytes: bytes), limits: ImageLimits(maxBufferedBytes: 50_000))
            }
        }
        #expect(Samples.verdict(bytes) == nil)
    }

    @Test("a JPEG that sends more scans than any encoder is refused")
    func manyScans() throws {
        let whole = try Peers.run(
            "jpegtran",
            ["-progressive", "-outfile", "@out", "@in"],
            input: Samples.jpeg()
        )
        #expect(throws: ImagingError.Code.corrupt) {
            try codes { () throws(ImagingError) in
                try PixelDecoder.decode(ImageFile(bytes: whole), limits: ImageLimits(maxScans: 3))
            }
        }
    }
}
