import Imaging

/// The small files that the corpus is made of by damage: one of each kind that is decoded.
enum CorpusSeed: String, Codable, CaseIterable, Sendable {
    case baseline, optimised, restarts, progressive, notInterleaved, grey, cmyk, droneJPEG
    case greyBits, palette, transparentPalette, rgb, rgbaDeep, interlaced, interlacedPalette, dronePNG

    /// The undamaged file.
    func make() throws -> [UInt8] {
        switch self {
        case .baseline: try Self.photograph()
        case .optimised: try Self.jpegtran("-optimize", "-flip", "horizontal")
        case .restarts: try Self.jpegtran("-restart", "2B")
        case .progressive: try Self.jpegtran("-progressive")
        case .notInterleaved: try Self.notInterleaved()
        case .grey: try Samples.jpeg(width: 61, height: 47, channels: 1)
        case .cmyk: try Peers.run("convert", ["@in", "-colorspace", "CMYK", "jpeg:@out"], input: Self.photograph())
        case .droneJPEG: try Self.droneJPEG()
        case .greyBits: CorpusPNG(width: 61, height: 47, bitDepth: 2, colourType: 0).bytes
        case .palette: CorpusPNG(width: 61, height: 47, bitDepth: 4, colourType: 3).bytes
        case .transparentPalette: Self.transparentPalette()
        case .rgb: try Samples.noise(width: 61, height: 47, channels: 3).file
        case .rgbaDeep: CorpusPNG(width: 61, height: 47, bitDepth: 16, colourType: 6).bytes
        case .interlaced: CorpusPNG(width: 61, height: 47, bitDepth: 8, colourType: 2, interlaced: true).bytes
        case .interlacedPalette: CorpusPNG(width: 61, height: 47, bitDepth: 1, colourType: 3, interlaced: true).bytes
        case .dronePNG: Self.dronePNG()
        }
    }

    private static func photograph() throws -> [UInt8] {
        try Samples.jpeg(width: 61, height: 47, quality: 80)
    }

    private static func jpegtran(_ options: String...) throws -> [UInt8] {
        try Peers.run("jpegtran", options + ["-outfile", "@out", "@in"], input: photograph())
    }

    /// One scan for each colour component.
    static func notInterleaved() throws -> [UInt8] {
        try Peers.withDirectory { directory in
            let script = directory + "/in"
            try Peers.write(Array("0;\n1;\n2;\n".utf8), to: script)
            return try Peers.run("jpegtran", ["-scans", script, "-outfile", "@out", "@in"], input: photograph())
        }
    }

    private static func transparentPalette() -> [UInt8] {
        var png = CorpusPNG(width: 61, height: 47, bitDepth: 2, colourType: 3)
        png.insert("tRNS", [0, 100, 255], before: "IDAT")
        return png.bytes
    }

    private static func droneJPEG() throws -> [UInt8] {
        let exif = ExifSample.complete().tiff
        // The sample's own scan of 12 bytes gives way to a whole image.
        return try MetadataSample.jpeg(exif: exif, xmp: MetadataSample.completeXMP).dropLast(12)
            + photograph().dropFirst(2)
    }

    private static func dronePNG() -> [UInt8] {
        var png = CorpusPNG(width: 31, height: 17, bitDepth: 8, colourType: 0)
        let keyword = Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0]
        png.insert("iTXt", keyword + Array(MetadataSample.completeXMP.utf8), before: "IDAT")
        png.insert("eXIf", ExifSample.complete(isBigEndian: true).tiff, before: "IDAT")
        return png.bytes
    }
}
