// The GPS directory: EXIF 2.32 section 4.6.6.
extension ImageMetadata {
    mutating func fillPosition(_ gps: TIFFDirectory) {
        fillAltitude(gps)
        guard gps.has(0x0002) || gps.has(0x0004) else { return }
        // V: the receiver had no measurement, and what is recorded is an old or empty position.
        guard gps.bytes(0x0009)?.first != 0x56 else {
            doubt("gps status: is void, the position was not used")
            return
        }
        guard let north = angle(gps, 0x0002, reference: 0x0001, "gps latitude", "N", "S", limit: 90),
            let east = angle(gps, 0x0004, reference: 0x0003, "gps longitude", "E", "W", limit: 180)
        else { return }
        guard north != 0 || east != 0 else {
            doubt("gps position: is 0, 0, which receivers without a fix write, not used")
            return
        }
        set(\.latitude, north, from: "EXIF GPSLatitude + GPSLatitudeRef")
        set(\.longitude, east, from: "EXIF GPSLongitude + GPSLongitudeRef")
        checkDatum(gps)
        if let error = number(gps, 0x001F, "gps positioning error"), error > 0 {
            set(\.gpsHorizontalErrorMetres, error, from: "EXIF GPSHPositioningError")
        }
    }

    /// Positions on older ellipsoids lie hundreds of metres off.
    private mutating func checkDatum(_ gps: TIFFDirectory) {
        guard let datum = text(gps, 0x0012, "gps map datum") else { return }
        let letters = datum.uppercased().filter { $0.isLetter || $0.isNumber }
        if !letters.hasPrefix("WGS84"), !letters.hasPrefix("WGS1984") {
            doubt("gps map datum: is not WGS 84, the position was used as it is")
        }
    }

    private mutating func angle(
        _ gps: TIFFDirectory,
        _ tag: Int,
        reference: Int,
        _ name: String,
        _ positive: String,
        _ negative: String,
        limit: Double
    ) -> Double? {
        guard gps.has(tag) else {
            doubt("\(name): is missing, the position was not used")
            return nil
        }
        guard !gps.contradictions.contains(tag), !gps.contradictions.contains(reference) else {
            doubt("\(name): is there twice with different values, the position was not used")
            return nil
        }
        guard let parts = gps.rationals(tag), (1...3).contains(parts.count) else {
            doubt("\(name): is no list of fractions, the position was not used")
            return nil
        }
        let numbers = parts.compactMap(\.value)
        guard numbers.count == parts.count else {
            doubt("\(name): has a denominator of zero, the position was not used")
            return nil
        }
        var degrees = 0.0
        for (number, scale) in zip(numbers, [1.0, 60.0, 3_600.0]) {
            guard number >= 0, scale == 1 || number <= 60 else {
                doubt("\(name): minutes or seconds are out of range, the position was not used")
                return nil
            }
            degrees += number / scale
        }
        guard degrees <= limit else {
            doubt("\(name): is above \(Int(limit)) degrees, the position was not used")
            return nil
        }
        switch text(gps, reference, "\(name) reference")?.uppercased() {
        case positive: return degrees
        case negative: return -degrees
        case nil:
            doubt("\(name): has no reference \(positive) or \(negative), the position was not used")
            return nil
        default:
            doubt("\(name): has another reference than \(positive) or \(negative), the position was not used")
            return nil
        }
    }

    private mutating func fillAltitude(_ gps: TIFFDirectory) {
        guard let metres = number(gps, 0x0006, "gps altitude") else { return }
        // Some writers store the sign in the fraction, some in the reference; both at once cannot be told apart.
        let reference = gps.unsigned(0x0005)
        if reference == nil { doubt("gps altitude: has no reference, taken as above sea level") }
        let tag = reference == nil ? "EXIF GPSAltitude" : "EXIF GPSAltitude + GPSAltitudeRef"
        guard metres != 0 else {
            doubt("gps altitude: is exactly zero, which receivers without a fix write, not used")
            return
        }
        switch reference ?? 0 {
        case 0, 2: set(\.altitudeMetres, metres, from: tag)
        case 1 where metres >= 0, 3 where metres >= 0: set(\.altitudeMetres, -metres, from: tag)
        case 1, 3: doubt("gps altitude: is negative and below sea level at once, not used")
        default: doubt("gps altitude: has an unknown reference, not used")
        }
    }
}
