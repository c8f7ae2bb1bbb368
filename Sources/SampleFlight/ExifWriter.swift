import Imaging

/// Writes what a camera knows as the payload of an APP1 Exif segment (EXIF 2.32 sections 4.5 and 4.6).
enum ExifWriter {
    /// The segment's bytes behind its length, for an image of that many pixels.
    static func segment(for metadata: ImageMetadata, width: Int, height: Int, software: String) -> [UInt8] {
        let photo = photoDirectory(metadata, width: width, height: height)
        let gps = gpsDirectory(metadata)
        var image = TIFFWriter()
        if let make = metadata.make { image.ascii(0x010F, make) }
        if let model = metadata.model { image.ascii(0x0110, model) }
        if let orientation = metadata.orientation { image.short(0x0112, orientation) }
        image.rationals(0x011A, [(72, 1)])
        image.rationals(0x011B, [(72, 1)])
        image.short(0x0128, 2)
        image.ascii(0x0131, software)
        if let takenAt = metadata.takenAt { image.ascii(0x0132, takenAt) }
        image.short(0x0213, 1)

        // The two pointers are entries of the first directory, so its size is known only with them in it.
        let header = 8
        let photoOffset = header + image.size + 2 * 12
        image.long(0x8769, photoOffset)
        image.long(0x8825, photoOffset + photo.size)
        return Array("Exif".utf8) + [0, 0] + [0x49, 0x49, 42, 0, UInt8(header), 0, 0, 0]
            + image.serialised(at: header) + photo.serialised(at: photoOffset)
            + gps.serialised(at: photoOffset + photo.size)
    }

    private static func photoDirectory(_ metadata: ImageMetadata, width: Int, height: Int) -> TIFFWriter {
        var photo = TIFFWriter()
        photo.undefined(0x9000, Array("0232".utf8))
        if let seconds = metadata.exposureSeconds { photo.rational(0x829A, seconds, denominator: 1_000_000) }
        if let fNumber = metadata.fNumber { photo.rational(0x829D, fNumber, denominator: 100) }
        if let iso = metadata.iso { photo.short(0x8827, iso) }
        if let takenAt = metadata.takenAt {
            photo.ascii(0x9003, takenAt)
            photo.ascii(0x9004, takenAt)
        }
        if let offset = metadata.takenAtOffset {
            for tag: UInt16 in [0x9010, 0x9011, 0x9012] { photo.ascii(tag, offset) }
        }
        if let subsecond = metadata.takenAtSubsecond {
            for tag: UInt16 in [0x9290, 0x9291, 0x9292] { photo.ascii(tag, subsecond) }
        }
        if let focal = metadata.focalLengthMM { photo.rational(0x920A, focal, denominator: 100) }
        photo.short(0xA001, 1)
        photo.long(0xA002, width)
        photo.long(0xA003, height)
        if let equivalent = metadata.focalLength35MM { photo.short(0xA405, Int(equivalent.rounded())) }
        if let lens = metadata.lens { photo.ascii(0xA434, lens) }
        return photo
    }

    private static func gpsDirectory(_ metadata: ImageMetadata) -> TIFFWriter {
        var gps = TIFFWriter()
        gps.bytes(0x0000, [2, 3, 0, 0])
        if let latitude = metadata.latitude, let longitude = metadata.longitude {
            gps.ascii(0x0001, latitude < 0 ? "S" : "N")
            gps.rationals(0x0002, sexagesimal(latitude))
            gps.ascii(0x0003, longitude < 0 ? "W" : "E")
            gps.rationals(0x0004, sexagesimal(longitude))
        }
        if let altitude = metadata.altitudeMetres {
            gps.bytes(0x0005, [altitude < 0 ? 1 : 0])
            gps.rational(0x0006, abs(altitude), denominator: 1_000)
        }
        gps.ascii(0x0012, "WGS-84")
        return gps
    }

    /// Whole degrees, whole minutes, and seconds to a hundred-thousandth, which is a third of a millimetre.
    private static func sexagesimal(_ degrees: Double) -> [(numerator: UInt32, denominator: UInt32)] {
        let units = Int((abs(degrees) * 3_600 * 100_000).rounded())
        let perMinute = 60 * 100_000
        return [
            (UInt32(units / (60 * perMinute)), 1), (UInt32(units / perMinute % 60), 1),
            (UInt32(units % perMinute), 100_000),
        ]
    }
}
