/// Builds small files with metadata, byte by byte, so that tests do not depend on the writer under test elsewhere.
struct ExifSample {
    enum Value {
        case text(String)
        case short([Int])
        case long([Int])
        case rationals([(Int, Int)])
        case bytes([UInt8])
        /// Anything: a type number, a count and the bytes, in the order of the file.
        case raw(type: Int, count: Int, bytes: [UInt8])
    }

    var image: [(tag: Int, value: Value)] = []
    var photo: [(tag: Int, value: Value)] = []
    var gps: [(tag: Int, value: Value)] = []
    var isBigEndian = false

    /// The TIFF structure.
    var tiff: [UInt8] {
        let imageSize = size(image) + (photo.isEmpty ? 0 : 12) + (gps.isEmpty ? 0 : 12)
        let photoOffset = 8 + imageSize
        let gpsOffset = photoOffset + (photo.isEmpty ? 0 : size(photo))
        var first = image
        if !photo.isEmpty { first.append((0x8769, .long([photoOffset]))) }
        if !gps.isEmpty { first.append((0x8825, .long([gpsOffset]))) }
        var bytes: [UInt8] = isBigEndian ? [0x4D, 0x4D] : [0x49, 0x49]
        bytes += number(42, 2) + number(8, 4) + directory(first, at: 8)
        if !photo.isEmpty { bytes += directory(photo, at: photoOffset) }
        if !gps.isEmpty { bytes += directory(gps, at: gpsOffset) }
        return bytes
    }

    private func size(_ entries: [(tag: Int, value: Value)]) -> Int {
        6
            + entries.reduce(0) {
                $0 + 12 + (encoded($1.value).bytes.count > 4 ? encoded($1.value).bytes.count : 0)
            }
    }

    private func directory(_ entries: [(tag: Int, value: Value)], at offset: Int) -> [UInt8] {
        var table = number(entries.count, 2)
        var values: [UInt8] = []
        let valuesOffset = offset + 6 + entries.count * 12
        for entry in entries {
            let value = encoded(entry.value)
            table += number(entry.tag, 2) + number(value.type, 2) + number(value.count, 4)
            if value.bytes.count <= 4 {
                table += value.bytes + [UInt8](repeating: 0, count: 4 - value.bytes.count)
            } else {
                table += number(valuesOffset + values.count, 4)
                values += value.bytes
            }
        }
        return table + [0, 0, 0, 0] + values
    }

    private func encoded(_ value: Value) -> (type: Int, count: Int, bytes: [UInt8]) {
        switch value {
        case .text(let text): (2, text.utf8.count + 1, Array(text.utf8) + [0])
        case .short(let numbers): (3, numbers.count, numbers.flatMap { number($0, 2) })
        case .long(let numbers): (4, numbers.count, numbers.flatMap { number($0, 4) })
        case .rationals(let pairs): (5, pairs.count, pairs.flatMap { number($0.0, 4) + number($0.1, 4) })
        case .bytes(let bytes): (1, bytes.count, bytes)
        case .raw(let type, let count, let bytes): (type, count, bytes)
        }
    }

    private func number(_ value: Int, _ count: Int) -> [UInt8] {
        let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return isBigEndian ? little.reversed() : little
    }

    /// A full and consistent record: every field that the reader knows, on the south-western quarter of the globe.
    static func complete(isBigEndian: Bool = false) -> ExifSample {
        ExifSample(
            image: [
                (0x010F, .text("DJI")), (0x0110, .text("FC9999")), (0x0112, .short([6])),
                (0x0132, .text("2019:06:24 00:00:00")),
            ],
            photo: [
                (0x829A, .rationals([(1, 400)])), (0x829D, .rationals([(28, 10)])), (0x8827, .short([200])),
                (0x9003, .text("2019:06:23 16:31:59")), (0x9011, .text("-03:30")), (0x9291, .text("042")),
                (0x920A, .rationals([(1026, 100)])), (0xA20E, .rationals([(41_450, 10)])),
                (0xA20F, .rationals([(41_450, 10)])), (0xA210, .short([3])), (0xA405, .short([28])),
                (0xA434, .text("28.0 mm f/2.8")),
            ],
            gps: [
                (0x0001, .text("S")), (0x0002, .rationals([(34, 1), (30, 1), (36, 1)])), (0x0003, .text("W")),
                (0x0004, .rationals([(58, 1), (15, 1), (0, 1)])), (0x0005, .bytes([0])),
                (0x0006, .rationals([(130_500, 1_000)])),
            ],
            isBigEndian: isBigEndian
        )
    }
}

enum MetadataSample {
    static func jpeg(
        exif: [UInt8]? = nil,
        xmp: String? = nil,
        segments: [(marker: UInt8, payload: [UInt8])] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0xD8]
        if let exif { bytes += segment(Array("Exif".utf8) + [0, 0] + exif) }
        if let xmp { bytes += segment(Array("http://ns.adobe.com/xap/1.0/".utf8) + [0] + Array(xmp.utf8)) }
        for other in segments { bytes += segment(other.payload, marker: other.marker) }
        return bytes + [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0xFF, 0xD9]
    }

    static func png(
        exif: [UInt8]? = nil,
        xmp: String? = nil,
        chunks: [(type: String, payload: [UInt8])] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        bytes += chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
        if let xmp {
            bytes += chunk("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + Array(xmp.utf8))
        }
        for other in chunks { bytes += chunk(other.type, other.payload) }
        bytes += chunk("IDAT", [1, 2, 3])
        if let exif { bytes += chunk("eXIf", exif) }
        return bytes + chunk("IEND", [])
    }

    static func xmp(attributes: String = "", elements: String = "") -> String {
        """
        <?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
        <!-- drone-dji:RelativeAltitude="7" --><rdf:RDF><rdf:Description \(attributes)>\(elements)
        </rdf:Description></rdf:RDF></x:xmpmeta>
        """
    }

    static let completeXMP = xmp(
        attributes: """
            xmlns:drone-dji='http://www.dji.com/drone-dji/1.0/' drone-dji:AbsoluteAltitude="+130.50"
            drone-dji:RelativeAltitude = '+80.25' drone-dji:GimbalRollDegree="+0.00" drone-dji:RtkFlag="50"
            drone-dji:GimbalYawDegree="-140.10" drone-dji:GimbalPitchDegree="-89.90"
            drone-dji:CalibratedFocalLength="3666.66" drone-dji:RtkStdLon="0.01246"
            """,
        elements: """
            <drone-dji:FlightRollDegree>+2.70</drone-dji:FlightRollDegree>
            <drone-dji:FlightYawDegree> -138.70 </drone-dji:FlightYawDegree><drone-dji:Empty/>
            <drone-dji:FlightPitchDegree>-0.10</drone-dji:FlightPitchDegree>
            <drone-dji:RtkStdLat>0.01113</drone-dji:RtkStdLat><drone-dji:RtkStdHgt>0.02635</drone-dji:RtkStdHgt>
            <drone-dji:CaptureUUID>a1&amp;b2</drone-dji:CaptureUUID>
            """
    )

    private static func segment(_ payload: [UInt8], marker: UInt8 = 0xE1) -> [UInt8] {
        let length = payload.count + 2
        return [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)] + payload
    }

    private static func chunk(_ type: String, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        // The metadata reader leaves check sums to the decoder.
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + Array(type.utf8) + payload
            + [0, 0, 0, 0]
    }

    /// A zlib stream of stored blocks (RFC 1951 section 3.2.4): compressed for who reads it, without a compressor.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, through: max(0, bytes.count - 1), by: 65_535) {
            let block = bytes[start...].prefix(65_535)
            let isLast: UInt8 = start + block.count == bytes.count ? 1 : 0
            let size = [UInt8(block.count & 0xFF), UInt8(block.count >> 8)]
            stream += [isLast] + size + size.map { ~$0 } + block
        }
        var sums = (a: 1, b: 0)
        for byte in bytes {
            sums.a = (sums.a + Int(byte)) % 65_521
            sums.b = (sums.b + sums.a) % 65_521
        }
        return stream + [sums.b >> 8, sums.b & 0xFF, sums.a >> 8, sums.a & 0xFF].map { UInt8($0) }
    }
}
