import Imaging
import Testing

@Suite("Odd JPEGs")
struct CorpusOddJPEGTests {
    @Test("that other programs write give djpeg's pixels", arguments: written)
    func others(file: OddFile) throws { try file.check(Self.djpeg) }

    @Test("made by hand give djpeg's pixels or a reason", arguments: segments + scans + tables)
    func handmade(file: OddFile) throws { try file.check(Self.djpeg) }

    @Test("of inks give the light that both inks let through", arguments: inks)
    func light(file: OddFile) throws {
        try file.check { image, bytes in
            // ImageMagick undoes Adobe's inversion: its values are ink.
            let inks = try Peers.run("convert", ["jpeg:@in", "-depth", "8", "cmyk:@out"], input: bytes)
            return stride(from: 0, to: inks.count, by: 4).flatMap { at in
                (0..<3).map { channel in
                    let light = 255 - Int(inks[at + channel])
                    return UInt8((light * (255 - Int(inks[at + 3])) + 127) / 255)
                }
            }
        }
    }

    private static func djpeg(_ image: DecodedImage, _ bytes: [UInt8]) throws -> [UInt8] {
        let portable = try Peers.run("djpeg", ["-pnm", "-outfile", "@out", "@in"], input: bytes)
        return Array(portable.suffix(image.info.width * image.info.height * image.info.channels))
    }

    /// A portable pixmap, for cjpeg.
    static func pixmap(_ width: Int = 53, _ height: Int = 37) -> [UInt8] {
        Array("P6 \(width) \(height) 255\n".utf8) + Samples.photograph(width: width, height: height, channels: 3)
    }

    static func cjpeg(_ options: String..., width: Int = 53, height: Int = 37) -> @Sendable () throws -> [UInt8] {
        { try Peers.run("cjpeg", options + ["-outfile", "@out", "@in"], input: pixmap(width, height)) }
    }

    static func jpegtran(_ options: String...) -> @Sendable () throws -> [UInt8] {
        { try Peers.run("jpegtran", options + ["-outfile", "@out", "@in"], input: cjpeg()()) }
    }

    /// A sound file, changed segment by segment.
    static func changed(
        _ options: String...,
        change: @escaping @Sendable (inout CorpusJPEG) -> Void
    ) -> @Sendable () throws -> [UInt8] {
        {
            var file = CorpusJPEG(
                try Peers.run("cjpeg", options + ["-outfile", "@out", "@in"], input: pixmap())
            )
            change(&file)
            return file.bytes
        }
    }
}
