import Imaging
import Testing

@Suite("Each field says which tag it came from")
struct MetadataSourcesTests {
    private func read(_ exif: ExifSample, _ xmp: String? = nil) -> ImageMetadata {
        ImageMetadata.read(MetadataSample.jpeg(exif: exif.tiff, xmp: xmp))
    }

    @Test("every field of a full file has a source, and nothing else has")
    func complete() {
        var exif = ExifSample.complete()
        exif.gps.append((0x001F, .rationals([(3, 2)])))
        let metadata = read(exif, MetadataSample.completeXMP)
        #expect(metadata.doubts == [])
        #expect(metadata.fields.map(\.key) == MetadataField.all.map(\.key))
        #expect(Set(metadata.sources.keys) == Set(metadata.fields.map(\.key)))
    }

    @Test(
        "the source is the tag",
        arguments: [
            ("make", "EXIF Make"), ("iso", "EXIF PhotographicSensitivity"),
            ("taken_at", "EXIF DateTimeOriginal"), ("taken_at_offset", "EXIF OffsetTimeOriginal"),
            ("latitude", "EXIF GPSLatitude + GPSLatitudeRef"), ("altitude_m", "EXIF GPSAltitude + GPSAltitudeRef"),
            ("focal_plane_x_px_per_mm", "EXIF FocalPlaneXResolution + FocalPlaneResolutionUnit"),
            ("gimbal_pitch", "XMP drone-dji:GimbalPitchDegree"), ("rtk_std_height_m", "XMP drone-dji:RtkStdHgt"),
            ("relative_altitude_m", "XMP drone-dji:RelativeAltitude"),
        ]
    )
    func tag(key: String, source: String) {
        #expect(read(.complete(), MetadataSample.completeXMP).sources[key] == source)
    }

    @Test("the source follows what was used instead")
    func others() {
        var exif = ExifSample.complete()
        exif.photo.remove(at: 3)
        exif.photo[2].value = .short([65_535])
        exif.photo.append((0x8833, .long([102_400])))
        exif.gps = [(0x0006, .rationals([(12, 1)]))]
        let metadata = read(
            exif,
            MetadataSample.xmp(attributes: #"drone-dji:GpsLatitude="1.5" drone-dji:GpsLongtitude="2.5""#)
        )
        #expect(metadata.sources["taken_at"] == "EXIF DateTime")
        #expect(metadata.sources["taken_at_offset"] == nil)
        #expect(metadata.iso == 102_400)
        #expect(metadata.sources["iso"] == "EXIF ISOSpeed")
        #expect(metadata.sources["altitude_m"] == "EXIF GPSAltitude")
        #expect(metadata.sources["latitude"] == "XMP drone-dji:GpsLatitude")
        #expect(metadata.sources["longitude"] == "XMP drone-dji:GpsLongtitude")
    }

    @Test("what was dropped has no source, but stays among the verbatim values")
    func dropped() {
        let xmp = MetadataSample.xmp(
            attributes: """
                drone-dji:RelativeAltitude="+0.00" drone-dji:GimbalYawDegree="10" drone-dji:GimbalRollDegree="180"
                drone-dji:GimbalPitchDegree="-90" drone-dji:FlightYawDegree="12"
                """
        )
        let metadata = read(.complete(), xmp)
        #expect(metadata.gimbalYaw == nil && metadata.gimbalPitch == nil && metadata.gimbalRoll == nil)
        #expect(metadata.relativeAltitudeMetres == nil)
        #expect(Set(metadata.sources.keys) == Set(metadata.fields.map(\.key)))
        #expect(metadata.verbatim["xmp"]?["drone-dji:GimbalRollDegree"] == "180")
        #expect(metadata.verbatim["xmp"]?["drone-dji:RelativeAltitude"] == "+0.00")
        #expect(
            metadata.doubts == [
                "relative altitude: is exactly zero, on the ground or never measured, not used",
                "gimbal: a roll of half a turn does not fit the flight yaw, the gimbal angles were not used",
            ]
        )
    }

    @Test("a gimbal that went over straight down fits its aircraft, and is used")
    func over() {
        let xmp = MetadataSample.xmp(
            attributes: """
                drone-dji:GimbalYawDegree="-170" drone-dji:GimbalRollDegree="-180" drone-dji:FlightYawDegree="12"
                drone-dji:GimbalPitchDegree="-89.9"
                """
        )
        let metadata = read(.complete(), xmp)
        #expect(metadata.doubts == [])
        #expect(metadata.gimbalRoll == -180)
    }

    @Test("a relative altitude that puts the take-off point where no land is, is not used")
    func altitudes() {
        let xmp = MetadataSample.xmp(
            attributes: #"drone-dji:RelativeAltitude="+2500" drone-dji:AbsoluteAltitude="+130.5""#
        )
        let metadata = read(.complete(), xmp)
        #expect(metadata.relativeAltitudeMetres == nil)
        #expect(metadata.doubts == ["relative altitude: contradicts the absolute one, not used"])
    }

    @Test("a position on another ellipsoid is doubted", arguments: [("WGS-84", 0), ("WGS84", 0), ("TOKYO", 1)])
    func datum(name: String, doubts: Int) {
        var exif = ExifSample.complete()
        exif.gps.append((0x0012, .text(name)))
        #expect(read(exif).doubts.count == doubts)
    }

    @Test("a file made of mistakes gives 64 doubts and a last one")
    func many() {
        var exif = ExifSample.complete()
        exif.image += (0x4000..<0x4800).map { ($0, .raw(type: 99, count: 1, bytes: [1])) }
        let doubts = read(exif).doubts
        #expect(doubts.count == 65)
        #expect(doubts.last == "doubts: there are more than these")
    }
}
