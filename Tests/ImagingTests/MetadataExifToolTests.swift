import Foundation
import Imaging
import Subprocess
import TestSupport
import Testing

@Suite("Real drone images read as exiftool reads them")
struct MetadataExifToolTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/images").path

    /// The originals beside the package, when that folder is there; they are no part of it.
    static let originals =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".JPG") }.sorted()

    @Test("hand-made metadata, in both containers", arguments: [false, true])
    func handMade(isPNG: Bool) async throws {
        let tiff = ExifSample.complete().tiff
        let xmp = MetadataSample.completeXMP.replacing(" <drone-dji:Empty/>", with: "")
        let bytes =
            isPNG ? MetadataSample.png(exif: tiff, xmp: xmp) : MetadataSample.jpeg(exif: tiff, xmp: xmp)
        let path = FileManager.default.temporaryDirectory.appending(path: "metadata-\(UUID()).img").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(filePath: path))
        try await Self.compare(path, ImageMetadata.read(bytes))
    }

    @Test("originals", arguments: originals)
    func original(name: String) async throws {
        let path = "\(Self.folder)/\(name)"
        let metadata = ImageMetadata.read([UInt8](try Data(contentsOf: URL(filePath: path))))
        try await Self.compare(path, metadata)
        if name.contains("DJI") {
            #expect(metadata.doubts.isEmpty)
            #expect(Footprint.footprint(of: metadata, imageWidth: 4_000, imageHeight: 2_250) != nil)
        }
    }

    static func compare(_ path: String, _ metadata: ImageMetadata) async throws {
        let peer = try await ExifTool.read(path)
        #expect(metadata.make == peer.text("EXIF:Make"))
        #expect(metadata.model == peer.text("EXIF:Model"))
        #expect(metadata.lens == peer.text("EXIF:LensModel"))
        #expect(metadata.takenAt == peer.text("EXIF:DateTimeOriginal"))
        #expect(metadata.takenAtSubsecond == peer.text("EXIF:SubSecTimeOriginal"))
        #expect(metadata.takenAtOffset == peer.text("EXIF:OffsetTimeOriginal"))
        #expect(metadata.captureUUID == peer.text("XMP:CaptureUUID"))
        #expect(metadata.orientation.map(Double.init) == peer.number("EXIF:Orientation"))
        #expect(metadata.iso.map(Double.init) == peer.number("EXIF:ISO"))
        #expect(metadata.rtkFlag.map(Double.init) == peer.number("XMP:RtkFlag"))
        let numbers: [(Double?, String)] = [
            (metadata.focalLengthMM, "EXIF:FocalLength"), (metadata.fNumber, "EXIF:FNumber"),
            (metadata.focalLength35MM, "EXIF:FocalLengthIn35mmFormat"),
            (metadata.exposureSeconds, "EXIF:ExposureTime"), (metadata.latitude, "Composite:GPSLatitude"),
            (metadata.longitude, "Composite:GPSLongitude"),
            (metadata.altitudeMetres, "Composite:GPSAltitude"),
            (metadata.relativeAltitudeMetres, "XMP:RelativeAltitude"),
            (metadata.absoluteAltitudeMetres, "XMP:AbsoluteAltitude"),
            (metadata.gimbalYaw, "XMP:GimbalYawDegree"), (metadata.gimbalPitch, "XMP:GimbalPitchDegree"),
            (metadata.gimbalRoll, "XMP:GimbalRollDegree"), (metadata.flightYaw, "XMP:FlightYawDegree"),
            (metadata.flightPitch, "XMP:FlightPitchDegree"), (metadata.flightRoll, "XMP:FlightRollDegree"),
            (metadata.calibratedFocalLengthPixels, "XMP:CalibratedFocalLength"),
            (metadata.rtkStdLongitudeMetres, "XMP:RtkStdLon"), (metadata.rtkStdLatitudeMetres, "XMP:RtkStdLat"),
            (metadata.rtkStdHeightMetres, "XMP:RtkStdHgt"),
        ]
        for (own, key) in numbers {
            let theirs = peer.number(key)
            #expect((own == nil) == (theirs == nil), "\(key)")
            if let own, let theirs { #expect(abs(own - theirs) <= 1e-9 * max(1, abs(theirs)), "\(key)") }
        }
    }
}
