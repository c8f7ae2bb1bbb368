import Imaging
import Testing

@Suite("Metadata is read from EXIF and XMP, or doubted aloud")
struct MetadataReadingTests {
    @Test(
        "every field is read, in both byte orders and both containers",
        arguments: [false, true],
        [false, true]
    )
    func readsEverything(isBigEndian: Bool, isPNG: Bool) {
        let tiff = ExifSample.complete(isBigEndian: isBigEndian).tiff
        let xmp = MetadataSample.completeXMP
        let file =
            isPNG ? MetadataSample.png(exif: tiff, xmp: xmp) : MetadataSample.jpeg(exif: tiff, xmp: xmp)
        var expected = ImageMetadata()
        expected.make = "DJI"
        expected.model = "FC9999"
        expected.lens = "28.0 mm f/2.8"
        expected.focalLengthMM = 10.26
        expected.focalLength35MM = 28
        expected.focalPlaneXPixelsPerMM = 414.5
        expected.focalPlaneYPixelsPerMM = 414.5
        expected.calibratedFocalLengthPixels = 3_666.66
        expected.exposureSeconds = 0.0025
        expected.fNumber = 2.8
        expected.iso = 200
        expected.takenAt = "2019:06:23 16:31:59"
        expected.takenAtSubsecond = "042"
        expected.takenAtOffset = "-03:30"
        expected.orientation = 6
        expected.latitude = -34.51
        expected.longitude = -58.25
        expected.altitudeMetres = 130.5
        expected.relativeAltitudeMetres = 80.25
        expected.absoluteAltitudeMetres = 130.5
        expected.gimbalYaw = -140.1
        expected.gimbalPitch = -89.9
        expected.gimbalRoll = 0
        expected.flightYaw = -138.7
        expected.flightPitch = -0.1
        expected.flightRoll = 2.7
        expected.rtkFlag = 50
        expected.rtkStdLongitudeMetres = 0.01246
        expected.rtkStdLatitudeMetres = 0.01113
        expected.rtkStdHeightMetres = 0.02635
        expected.captureUUID = "a1&b2"
        let metadata = ImageMetadata.read(file)
        expected.sources = metadata.sources
        expected.verbatim = metadata.verbatim
        expected.blocks = metadata.blocks
        #expect(metadata.blocks.keys.sorted() == ["exif", "xmp"])
        #expect(metadata == expected)
    }

    @Test("a file without metadata says nothing and doubts nothing")
    func silence() {
        #expect(ImageMetadata.read(MetadataSample.jpeg()) == ImageMetadata())
        #expect(ImageMetadata.read(MetadataSample.png()) == ImageMetadata())
        #expect(ImageMetadata.read([UInt8]("no image".utf8)) == ImageMetadata())
        #expect(ImageMetadata.read([]) == ImageMetadata())
    }

    struct Doubtful: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let change: @Sendable (inout ExifSample) -> Void
        let isDropped: @Sendable (ImageMetadata) -> Bool

        init(
            _ doubt: String,
            _ change: @escaping @Sendable (inout ExifSample) -> Void,
            dropped: @escaping @Sendable (ImageMetadata) -> Bool
        ) {
            testDescription = doubt
            self.change = change
            isDropped = dropped
        }
    }

    static let doubtful: [Doubtful] = [
        Doubtful("orientation: is no number from 1 to 8, not used") {
            $0.image[2].value = .short([9])
        } dropped: {
            $0.orientation == nil
        },
        Doubtful("orientation: is no number from 1 to 8, not used") {
            $0.image[2].value = .short([0])
        } dropped: {
            $0.orientation == nil
        },
        Doubtful("orientation: is no number from 1 to 8, not used") {
            $0.image[2].value = .text("6")
        } dropped: {
            $0.orientation == nil
        },
        Doubtful("orientation: is no number from 1 to 8, not used") {
            $0.image[2].value = .short([6, 1])
        } dropped: {
            $0.orientation == nil
        },
        Doubtful("orientation: is there twice with different values, not used") {
            $0.image.append((0x0112, .short([1])))
        } dropped: {
            $0.orientation == nil
        },
        Doubtful("f-number: has a denominator of zero, not used") {
            $0.photo[1].value = .rationals([(28, 0)])
        } dropped: {
            $0.fNumber == nil
        },
        Doubtful("exposure time: is not above zero, not used") {
            $0.photo[0].value = .rationals([(0, 5)])
        } dropped: {
            $0.exposureSeconds == nil
        },
        Doubtful("focal length: is no fraction, not used") {
            $0.photo[6].value = .short([10])
        } dropped: {
            $0.focalLengthMM == nil
        },
        Doubtful("focal length in 35 mm film: is unknown, not used") {
            $0.photo[10].value = .short([0])
        } dropped: {
            $0.focalLength35MM == nil
        },
        Doubtful("focal plane resolution: has an unknown unit, not used") {
            $0.photo[9].value = .short([7])
        } dropped: {
            $0.focalPlaneXPixelsPerMM == nil
        },
        Doubtful("iso: is 65535 or more, the exact value is missing") {
            $0.photo[2].value = .short([65_535])
        } dropped: {
            $0.iso == nil
        },
        Doubtful("date-time original: is no date and time, not used") {
            $0.photo[3].value = .text("0000:00:00 00:00:00")
        } dropped: {
            $0.takenAt == "2019:06:24 00:00:00"
        },
        Doubtful("taken at: no original time, the time of the last change was used") {
            $0.photo[3].value = .text("2019:02:30 10:00:00")
        } dropped: {
            $0.takenAtOffset == nil
        },
        Doubtful("time offset: is not written as +hh:mm, not used") {
            $0.photo[4].value = .text("   :  ")
        } dropped: {
            $0.takenAtOffset == nil
        },
        Doubtful("sub-second: has other characters than digits, not used") {
            $0.photo[5].value = .text("4a")
        } dropped: {
            $0.takenAtSubsecond == nil
        },
        Doubtful("gps latitude: has no reference N or S, the position was not used") {
            $0.gps.remove(at: 0)
        } dropped: {
            $0.latitude == nil && $0.longitude == nil
        },
        Doubtful("gps longitude: has another reference than E or W, the position was not used") {
            $0.gps[2].value = .text("Q")
        } dropped: {
            $0.latitude == nil && $0.longitude == nil
        },
        Doubtful("gps latitude: has a denominator of zero, the position was not used") {
            $0.gps[1].value = .rationals([(34, 1), (0, 0), (0, 1)])
        } dropped: {
            $0.latitude == nil
        },
        Doubtful("gps latitude: is above 90 degrees, the position was not used") {
            $0.gps[1].value = .rationals([(90, 1), (0, 1), (1, 1)])
        } dropped: {
            $0.latitude == nil
        },
        Doubtful("gps longitude: minutes or seconds are out of range, the position was not used") {
            $0.gps[3].value = .rationals([(58, 1), (61, 1), (0, 1)])
        } dropped: {
            $0.longitude == nil
        },
        Doubtful("gps longitude: is missing, the position was not used") {
            $0.gps.remove(at: 3)
        } dropped: {
            $0.latitude == nil
        },
        Doubtful("gps status: is void, the position was not used") {
            $0.gps.append((0x0009, .text("V")))
        } dropped: {
            $0.latitude == nil
        },
        Doubtful("gps position: is 0, 0, which receivers without a fix write, not used") {
            $0.gps[1].value = .rationals([(0, 1), (0, 1), (0, 1)])
            $0.gps[3].value = .rationals([(0, 1), (0, 1), (0, 1)])
        } dropped: {
            $0.latitude == nil
        },
        Doubtful("gps altitude: is exactly zero, which receivers without a fix write, not used") {
            $0.gps[5].value = .rationals([(0, 1_000)])
        } dropped: {
            $0.altitudeMetres == nil
        },
        Doubtful("gps altitude: has no reference, taken as above sea level") {
            $0.gps.remove(at: 4)
        } dropped: {
            $0.altitudeMetres == 130.5
        },
        Doubtful("gps altitude: has an unknown reference, not used") {
            $0.gps[4].value = .bytes([9])
        } dropped: {
            $0.altitudeMetres == nil
        },
        Doubtful("exif: tag 0x10f has no readable value") {
            $0.image[0].value = .raw(type: 2, count: 4_000_000_000, bytes: [8, 0, 0, 0])
        } dropped: {
            $0.make == nil
        },
        Doubtful("exif: tag 0x110 has no readable value") {
            $0.image[1].value = .raw(type: 99, count: 1, bytes: [1])
        } dropped: {
            $0.model == nil
        },
    ]

    @Test("what cannot be trusted is not used, and a doubt says so", arguments: doubtful)
    func doubts(_ sample: Doubtful) {
        var exif = ExifSample.complete()
        #expect(ImageMetadata.read(MetadataSample.jpeg(exif: exif.tiff)).doubts.isEmpty)
        sample.change(&exif)
        let metadata = ImageMetadata.read(MetadataSample.jpeg(exif: exif.tiff))
        #expect(metadata.doubts.contains(sample.testDescription), "\(metadata.doubts)")
        #expect(sample.isDropped(metadata))
    }

    @Test("below sea level is negative")
    func altitudeReference() {
        var exif = ExifSample.complete()
        exif.gps[4].value = .bytes([1])
        let metadata = ImageMetadata.read(MetadataSample.jpeg(exif: exif.tiff))
        #expect(metadata.altitudeMetres == -130.5)
        #expect(metadata.doubts.isEmpty)
    }

    @Test(
        "XMP that contradicts or cannot be a measurement is doubted",
        arguments: [
            (#"drone-dji:GimbalPitchDegree="nan""#, "GimbalPitchDegree: is no decimal number, not used"),
            (#"drone-dji:GimbalPitchDegree="0x1p3""#, "GimbalPitchDegree: is no decimal number, not used"),
            (#"drone-dji:GimbalPitchDegree="-200""#, "GimbalPitchDegree: is out of range, not used"),
            (
                #"drone-dji:GimbalPitchDegree="-90" drone-dji:GimbalPitchDegree="-80""#,
                "GimbalPitchDegree: is there twice with different values, not used"
            ),
            (
                #"drone-dji:RelativeAltitude="+9e305""#, "relative altitude: is more than 20 km, not used"
            ),
            (#"drone-dji:RtkStdLon="1e300""#, "RtkStdLon: is out of range, not used"),
            (
                #"drone-dji:RelativeAltitude="+0.00""#,
                "relative altitude: is exactly zero, on the ground or never measured, not used"
            ),
            (
                #"drone-dji:AbsoluteAltitude="+30.0""#, "altitude: EXIF and XMP differ by more than 10 m"
            ),
            (#"tiff:Orientation="1""#, "orientation: EXIF and XMP contradict each other, EXIF was used"),
            (
                #"drone-dji:GpsLatitude="-35.51" drone-dji:GpsLongtitude="-58.25""#,
                "position: EXIF and XMP contradict each other, EXIF was used"
            ),
            (
                #"drone-dji:CamReverse="1" drone-dji:GimbalYawDegree="3" drone-dji:GimbalRollDegree="0""#,
                "gimbal: the camera is mounted upside down, the gimbal angles were not used"
            ),
            (#"drone-dji:GimbalYawDegree="1"#, "xmp: ends inside a tag, what came before was read"),
        ]
    )
    func xmpDoubts(attributes: String, doubt: String) {
        let xmp = MetadataSample.xmp(attributes: attributes)
        let metadata = ImageMetadata.read(MetadataSample.jpeg(exif: ExifSample.complete().tiff, xmp: xmp))
        #expect(metadata.doubts == [doubt])
        #expect(metadata.gimbalPitch == nil)
        #expect(metadata.orientation == 6)
    }

    @Test("a position only in XMP is used with a doubt")
    func positionFromXMP() {
        var exif = ExifSample.complete()
        exif.gps = []
        let xmp = MetadataSample.xmp(
            attributes: #"drone-dji:GpsLatitude="-34.51" drone-dji:GpsLongitude="+5.25""#
        )
        let metadata = ImageMetadata.read(MetadataSample.jpeg(exif: exif.tiff, xmp: xmp))
        #expect(metadata.latitude == -34.51)
        #expect(metadata.longitude == 5.25)
        #expect(metadata.doubts == ["position: not usable in EXIF, taken from XMP"])
    }

    @Test("a directory that points at itself, and one that is cut off, end")
    func loops() {
        var exif = ExifSample.complete()
        exif.photo = []
        exif.image.append((0x8769, .long([8])))
        exif.image.append((0x8825, .long([4_294_967_295])))
        exif.gps = []
        let metadata = ImageMetadata.read(MetadataSample.jpeg(exif: exif.tiff))
        #expect(metadata.make == "DJI")
        #expect(
            metadata.doubts.contains("gps directory: ends outside its block, the entries before were read")
        )
    }
}
