import Imaging
import Testing

@Suite("What a file says of its image, beside the image")
struct MetadataImageTests {
    private func info(_ file: [UInt8]) throws -> ImageInfo { try ImageProbe.probe(ImageFile(bytes: file)) }

    private func metadata(profile space: String) -> ImageMetadata {
        ImageMetadata.read(
            MetadataSample.jpeg(segments: ICCSample.segments(ICCSample.profile(space: space), parts: 1))
        )
    }

    @Test(
        "a profile of other colours than the decoded ones leaves a doubt, and none where the samples stay as they are",
        arguments: [("GRAY", "GRAY"), ("CMYK", "CMYK"), ("RGB ", nil)] as [(String, String?)]
    )
    func profile(space: String, doubted: String?) throws {
        let colour = try info(Samples.jpeg())
        var metadata = metadata(profile: space)
        metadata.compare(with: colour)
        let doubt = doubted.map {
            "icc: a profile of \($0) does not describe the decoded pixels, the tiles do not carry it"
        }
        #expect(metadata.doubts == [doubt].compactMap { $0 })
        var kept = self.metadata(profile: space)
        kept.compare(with: colour, isConverted: false)
        #expect(kept.doubts.isEmpty)
    }

    @Test("inks that become light leave their profile behind, with a doubt")
    func inks() throws {
        let file = try Peers.run("convert", ["@in", "-colorspace", "CMYK", "jpeg:@out"], input: Samples.jpeg())
        var metadata = metadata(profile: "CMYK")
        metadata.compare(with: try info(file))
        #expect(metadata.doubts.count == 1 && metadata.doubts[0].hasPrefix("icc: a profile of CMYK"))
    }

    @Test("focal lengths of different angles leave a doubt; of one image that was not resized, none")
    func focalLengths() throws {
        let image = try info(Samples.noise(width: 547, height: 364, channels: 1).file)
        let film = (36.0 * 36.0 + 24.0 * 24.0).squareRoot()
        let pixels = 28 * (547.0 * 547.0 + 364.0 * 364.0).squareRoot() / film
        func doubts(_ change: (inout ImageMetadata) -> Void) -> [String] {
            var metadata = ImageMetadata()
            metadata.focalLength35MM = 28
            metadata.focalLengthMM = 10
            change(&metadata)
            metadata.compare(with: image)
            return metadata.doubts
        }
        #expect(doubts { _ in }.isEmpty)
        let impossible = "focal length: is none that a camera has, not used"
        for pixels in [1e-300, 1, 1e12] {
            let found = doubts {
                $0.focalLength35MM = nil
                $0.calibratedFocalLengthPixels = pixels
            }
            #expect(found == [impossible], "\(pixels)")
        }
        #expect(doubts { $0.focalLength35MM = 1e9 } == [impossible])
        #expect(doubts { $0.calibratedFocalLengthPixels = pixels * 1.1 }.isEmpty)
        #expect(
            doubts { $0.calibratedFocalLengthPixels = pixels * 10 }
                == ["focal length: in pixels it contradicts its 35 mm equivalent, the equivalent was used"]
        )
        func resolution(_ metadata: inout ImageMetadata, _ factor: Double) {
            metadata.focalPlaneXPixelsPerMM = pixels / 10 * factor
            metadata.focalPlaneYPixelsPerMM = pixels / 10 * factor
        }
        #expect(doubts { resolution(&$0, 1) }.isEmpty)
        #expect(
            doubts { resolution(&$0, 4) }
                == ["focal length: the sensor's resolution contradicts its 35 mm equivalent and was not used"]
        )
    }
}
