import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Colour profiles in tiles")
struct ColourProfileTests {
    /// The bytes of a profile; the header says how many, which is all that readers check here.
    private func profile(count: Int) -> [UInt8] {
        var noise = SeededGenerator(seed: 3)
        var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &noise) }
        let header = (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
        if count >= 128 {
            bytes.replaceSubrange(0..<4, with: header)
            bytes.replaceSubrange(16..<20, with: "RGB ".utf8)
            bytes.replaceSubrange(36..<40, with: "acsp".utf8)
        }
        return bytes
    }

    @Test(
        "exiftool and Pillow read the same bytes back",
        arguments: [128, 560, 65_518, 65_519, 65_520, 200_000],
        ["png", "jpg"]
    )
    func peers(count: Int, type: String) async throws {
        let icc = profile(count: count)
        let pixels = Samples.photograph(width: 60, height: 40, channels: 3)
        let file =
            if type == "png" {
                try PNGEncoder.encode(
                    pixels: pixels,
                    width: 60,
                    height: 40,
                    channels: 3,
                    profile: PNGEncoder.profileChunk(icc)
                )
            } else {
                try JPEGEncoder.encode(
                    pixels: pixels,
                    width: 60,
                    height: 40,
                    channels: 3,
                    quality: 90,
                    profile: JPEGEncoder.profileSegments(icc)
                )
            }
        let scratch = try Scratch("icc")
        let path = scratch.file("tile.\(type)")
        try Data(file).write(to: URL(filePath: path))
        if type == "png" {
            #expect(try PixelDecoder.decode(ImageFile(bytes: file)).pixels == pixels)
            try await Tool("pngcheck", install: "apt-get install pngcheck").check(["-q", path])
        } else {
            #expect(Array(file[6..<10]) == Array("JFIF".utf8))
        }
        let exiftool = try Tool("exiftool", install: "apt-get install libimage-exiftool-perl")
        #expect(try await exiftool.check(["-icc_profile", "-b", path]).output == icc)
        let pillow = try await Tool(Checkout.peer("python")).check([
            "-c",
            "import sys; from PIL import Image; sys.stdout.buffer.write(Image.open(sys.argv[1]).info['icc_profile'])",
            path,
        ])
        #expect(pillow.output == icc)
    }

    @Test("EXIF stays the first segment of a JPEG tile with a profile")
    func exifFirst() throws {
        let file = try JPEGEncoder.encode(
            pixels: [UInt8](repeating: 9, count: 48),
            width: 4,
            height: 4,
            channels: 3,
            quality: 90,
            markers: [(0xE1, Array("Exif\0\0".utf8))],
            profile: JPEGEncoder.profileSegments(profile(count: 300))
        )
        #expect(Array(file[2..<4]) == [0xFF, 0xE1] && Array(file[12..<14]) == [0xFF, 0xE2])
    }

    @Test("a profile that no file can hold is refused", arguments: [0, 255 * 65_519 + 1])
    func refusals(count: Int) throws {
        #expect(throws: ImagingError.self) { try JPEGEncoder.profileSegments([UInt8](repeating: 0, count: count)) }
        #expect(throws: ImagingError.self) { try PNGEncoder.profileChunk([]) }
        #expect(try JPEGEncoder.profileSegments([UInt8](repeating: 0, count: 255 * 65_519)).count == 255 * 65_537)
    }
}
