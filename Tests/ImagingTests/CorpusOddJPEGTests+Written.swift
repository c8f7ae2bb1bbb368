import Imaging

// What cjpeg, jpegtran and ImageMagick write when asked for rare things.
extension CorpusOddJPEGTests {
    private static let sizes = [(1, 1), (1, 300), (300, 1), (7, 9), (16, 16), (17, 33), (65_500, 1), (1, 65_500)]
    private static let samplings = [
        "1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x2,2x1,1x2", "2x2,1x1,2x2", "1x1,2x2,2x2", "3x1",
        "1x3,1x1,1x1",
    ]

    static let written: [OddFile] =
        sizes.map { size in
            .pixels("\(size.0) x \(size.1)", cjpeg("-sample", "2x2", width: size.0, height: size.1))
        }
        + samplings.map { sampling in .pixels("sampling \(sampling)", cjpeg("-sample", sampling)) }
        + samplings.prefix(8).map { sampling in
            .pixels("progressive sampling \(sampling)", cjpeg("-progressive", "-sample", sampling))
        }
        + [
            .pixels("grey", cjpeg("-grayscale")),
            .pixels("grey with a sampling factor", cjpeg("-grayscale", "-sample", "2x2")),
            .pixels("RGB that is not YCbCr", cjpeg("-rgb")),
            .pixels("optimised tables", cjpeg("-optimize")),
            .pixels("quality 1 with 16-bit tables", cjpeg("-quality", "1")),
            .pixels("quality 100", cjpeg("-quality", "100", "-sample", "1x1")),
            .pixels("a restart for each block", cjpeg("-restart", "1B")),
            .pixels("a restart for each row of blocks", cjpeg("-restart", "1")),
            .pixels("a restart interval of 65,535", cjpeg("-restart", "65535B")),
            .pixels("restarts in a progressive file", cjpeg("-progressive", "-restart", "1")),
            .pixels("one scan a component", CorpusSeed.notInterleaved),
            .pixels("turned without loss", jpegtran("-rotate", "90", "-trim")),
            .pixels("made grey without loss", jpegtran("-grayscale")),
            .pixels("no metadata at all", jpegtran("-copy", "none")),
            .pixels(
                "ImageMagick's 4:1:0",
                {
                    try Peers.run("convert", ["@in", "-sampling-factor", "4x2", "jpeg:@out"], input: pixmap())
                }
            ),
            .refused(.unsupportedFormat, "arithmetic coding", jpegtran("-arithmetic")),
            .refused(.unsupportedFormat, "arithmetic coding, progressive", jpegtran("-arithmetic", "-progressive")),
        ]

    static let inks: [OddFile] = ["CMYK", "CMYK with a scan a component"].map { name in
        .pixels(name) {
            let plain = try Peers.run("convert", ["@in", "-colorspace", "CMYK", "jpeg:@out"], input: pixmap())
            return name == "CMYK" ? plain : try Peers.run("jpegtran", ["-progressive", "@in"], input: plain)
        }
    }
}
