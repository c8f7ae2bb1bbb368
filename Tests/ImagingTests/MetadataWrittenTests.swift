import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Files that exiftool wrote are read as it reads them")
struct MetadataWrittenTests {
    private static let exiftool = Result {
        try Tool("exiftool", install: "install the Debian package libimage-exiftool-perl")
    }

    private static let tags = [
        "-EXIF:Make=DJI", "-EXIF:Model=M3E", "-EXIF:LensModel=24.0 mm f/2.8", "-EXIF:FocalLength=12.29",
        "-EXIF:FocalLengthIn35mmFormat=24", "-EXIF:ExposureTime=1/800", "-EXIF:FNumber=2.8", "-EXIF:ISO=100",
        "-EXIF:DateTimeOriginal=2024:05:01 10:11:12", "-EXIF:SubSecTimeOriginal=345",
        "-EXIF:OffsetTimeOriginal=+02:00", "-EXIF:Orientation#=8", "-EXIF:GPSLatitude=33.8568",
        "-EXIF:GPSLatitudeRef=S", "-EXIF:GPSLongitude=151.2153", "-EXIF:GPSLongitudeRef=E", "-EXIF:GPSAltitude=12.5",
        "-EXIF:GPSAltitudeRef#=1", "-EXIF:GPSHPositioningError=1.25", "-EXIF:GPSMapDatum=WGS-84",
        "-EXIF:Copyright=© Käfer", "-EXIF:ImageDescription=DCIM\\100MEDIA", "-EXIF:UserComment=flown by hand",
        "-XMP-drone-dji:AbsoluteAltitude=-12.5", "-XMP-drone-dji:RelativeAltitude=+50.00",
        "-XMP-drone-dji:GimbalYawDegree=+12.30", "-XMP-drone-dji:GimbalPitchDegree=-90.00",
        "-XMP-drone-dji:GimbalRollDegree=+0.00", "-XMP-drone-dji:FlightYawDegree=+12.10",
        "-XMP-drone-dji:FlightPitchDegree=-3.20", "-XMP-drone-dji:FlightRollDegree=+1.00",
        "-XMP-drone-dji:RtkFlag=50", "-XMP-drone-dji:RtkStdLon=0.012", "-XMP-drone-dji:RtkStdLat=0.011",
        "-XMP-drone-dji:RtkStdHgt=0.026", "-XMP-drone-dji:CalibratedFocalLength=3725.15", "-XMP-dc:Title=a < b & c",
    ]

    @Test(
        "JPEG and PNG, plain and compressed, XMP as elements and as attributes",
        arguments: ["jpg", "png"],
        [[], ["-z"], ["-api", "Compact=Shorthand"]]
    )
    func written(suffix: String, options: [String]) async throws {
        let scratch = try Scratch("written")
        let path = scratch.file("image.\(suffix)")
        let image = suffix == "jpg" ? try Samples.jpeg() : try Samples.noise(width: 16, height: 16, channels: 3).file
        try Data(image).write(to: URL(filePath: path))
        try await Self.exiftool.get().check(options + Self.tags + [path])

        let metadata = ImageMetadata.read([UInt8](try Data(contentsOf: URL(filePath: path))))
        #expect(metadata.doubts == [])
        try await MetadataExifToolTests.compare(path, metadata)
        #expect(metadata.gpsHorizontalErrorMetres == 1.25)
        #expect(metadata.verbatim["exif"]?["Copyright"] == "© Käfer")
        #expect(metadata.verbatim["exif"]?["ImageDescription"] == #"DCIM\100MEDIA"#)
        #expect(metadata.verbatim["xmp"]?["drone-dji:RelativeAltitude"] == "+50.00")
        #expect(metadata.verbatim["xmp"]?["dc:title"] == nil)
        try await compareVerbatim(path, metadata)
    }

    @Test("the originals, tag by tag", arguments: MetadataExifToolTests.originals)
    func original(name: String) async throws {
        let path = "\(MetadataExifToolTests.folder)/\(name)"
        try await compareVerbatim(path, ImageMetadata.read([UInt8](try Data(contentsOf: URL(filePath: path)))))
    }

    @Test("every tag that exiftool knows by a name of the standard has that name here")
    func names() async throws {
        let ranges: [ClosedRange<Int>] = [
            0x8822...0x8835, 0x829A...0x829D, 0x9000...0x9012, 0x9101...0x9102, 0x9201...0x9214, 0x9286...0x9292,
            0x9400...0x9405, 0xA000...0xA004, 0xA20B...0xA217, 0xA300...0xA302, 0xA401...0xA40C, 0xA420...0xA435,
            0xA460...0xA462, 0xA500...0xA500,
        ]
        func entries(_ tags: some Sequence<Int>) -> [(tag: Int, value: ExifSample.Value)] {
            tags.map { ($0, .text("tag \($0)")) }
        }
        let image = [0x100...0x13F, 0x211...0x214, 0x8298...0x8298, 0x9C9B...0x9C9F].joined()
        let exif = ExifSample(image: entries(image), photo: entries(ranges.joined()), gps: entries(0...31))
        let bytes = MetadataSample.jpeg(exif: exif.tiff)
        let scratch = try Scratch("names")
        let path = scratch.file("names.jpg")
        try Data(bytes).write(to: URL(filePath: path))

        let verbatim = try #require(ImageMetadata.read(bytes).verbatim["exif"])
        let own = Dictionary(verbatim.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var compared = 0
        for entry in try await ExifToolDirectory.read(path) {
            // GPS tags share their numbers with others only in the directory of Interoperability, which is not here.
            let name = try #require(own["tag \(entry.tag)"], "\(entry.name)")
            guard !name.hasPrefix("0x"), entry.tag != 0x13F || entry.name == "PrimaryChromaticities" else { continue }
            #expect(name == ExifToolDirectory.standardNames[entry.name] ?? entry.name, "\(entry.tag)")
            compared += 1
        }
        #expect(compared > 130)
    }

    /// Compares every tag that exiftool finds in the three directories, fractions as they are written.
    private func compareVerbatim(_ path: String, _ metadata: ImageMetadata) async throws {
        let entries = try await ExifToolDirectory.read(path)
        #expect(!entries.isEmpty)
        for entry in entries {
            let digits = String(entry.tag, radix: 16)
            let number = "0x" + String(repeating: "0", count: 4 - digits.count) + digits
            let name = ExifToolDirectory.standardNames[entry.name] ?? entry.name
            let own = metadata.verbatim["exif"]?[name] ?? metadata.verbatim["exif"]?[number]
            guard let own else {
                Issue.record("\(entry.name) is missing")
                continue
            }
            if let fraction = entry.fraction { #expect(own == fraction, "\(entry.name)") }
            let isText = entry.format.hasPrefix("string")
            let isNumber = ["int16u[1]", "int32u[1]", "int8u[1]", "int16s[1]"].contains { entry.format.hasPrefix($0) }
            // Its verbose output shows dots for what is not ASCII.
            if isText || isNumber, own.utf8.allSatisfy({ $0 < 0x80 }), !entry.value.contains("[snip]") {
                let untilNUL = own.components(separatedBy: #"\x00"#)[0]
                #expect(untilNUL.trimmingCharacters(in: .whitespaces) == entry.value, "\(entry.name)")
            }
        }
    }
}
