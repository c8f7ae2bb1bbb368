// Names and meanings of the drone-dji properties: DJI Media File Metadata White Paper, Part 2 (2020), and the photo
// file tables of the Zenmuse P1 and Mavic 3M manuals (angles are north-east-down, rotated in the order Z, Y, X).
extension ImageMetadata {
    mutating func fill(fromXMP bytes: [UInt8]) {
        let scanner = XMPScanner(bytes) { $0.hasPrefix("drone-dji:") || $0 == "tiff:Orientation" }
        if scanner.isCutShort { doubt("xmp: ends inside a tag, what came before was read") }

        relativeAltitudeMetres = decimal(scanner, "RelativeAltitude")
        absoluteAltitudeMetres = decimal(scanner, "AbsoluteAltitude")
        gimbalYaw = degrees(scanner, "GimbalYawDegree", limit: 360)
        gimbalPitch = degrees(scanner, "GimbalPitchDegree", limit: 180)
        gimbalRoll = degrees(scanner, "GimbalRollDegree", limit: 360)
        flightYaw = degrees(scanner, "FlightYawDegree", limit: 360)
        flightPitch = degrees(scanner, "FlightPitchDegree", limit: 180)
        flightRoll = degrees(scanner, "FlightRollDegree", limit: 360)
        rtkFlag = decimal(scanner, "RtkFlag").flatMap { Int(exactly: $0) }
        captureUUID = property(scanner, "CaptureUUID")
        if let pixels = decimal(scanner, "CalibratedFocalLength"), pixels > 0 {
            calibratedFocalLengthPixels = pixels
        }
        if relativeAltitudeMetres == 0 {
            doubt("relative altitude: is exactly zero, on the ground or never measured")
        }
        if scanner.properties["drone-dji:CamReverse"] == "1" {
            doubt("camera: is mounted upside down, the gimbal angles may be turned by 180 degrees")
        }
        compareOrientation(scanner)
        comparePosition(scanner)
        compareAltitude()
    }

    /// EXIF decides, as it does in every viewer; XMP alone is not trusted to turn pixels.
    private mutating func compareOrientation(_ scanner: XMPScanner) {
        guard let text = scanner.properties["tiff:Orientation"] else { return }
        if let orientation, text != "\(orientation)" {
            doubt("orientation: EXIF and XMP contradict each other, EXIF was used")
        } else if orientation == nil {
            doubt("orientation: only in XMP, not used")
        }
    }

    private mutating func comparePosition(_ scanner: XMPScanner) {
        // The misspelt name is what some firmware writes.
        guard let north = decimal(scanner, "GpsLatitude") ?? decimal(scanner, "Latitude"),
            let east = decimal(scanner, "GpsLongitude") ?? decimal(scanner, "GpsLongtitude")
                ?? decimal(scanner, "Longitude"),
            abs(north) <= 90, abs(east) <= 180, north != 0 || east != 0
        else { return }
        guard let latitude, let longitude else {
            latitude = north
            longitude = east
            doubt("position: not usable in EXIF, taken from XMP")
            return
        }
        if abs(latitude - north) > 0.000_5 || abs(longitude - east) > 0.000_5 {
            doubt("position: EXIF and XMP contradict each other, EXIF was used")
        }
    }

    private mutating func compareAltitude() {
        guard let altitudeMetres, let absoluteAltitudeMetres else { return }
        if abs(altitudeMetres - absoluteAltitudeMetres) > 10 {
            doubt("altitude: EXIF and XMP differ by more than 10 m")
        }
    }

    private mutating func property(_ scanner: XMPScanner, _ name: String) -> String? {
        guard let value = scanner.properties["drone-dji:\(name)"], !value.isEmpty else { return nil }
        guard !scanner.contradictions.contains("drone-dji:\(name)") else {
            doubt("\(name): is there twice with different values, not used")
            return nil
        }
        return value
    }

    private mutating func decimal(_ scanner: XMPScanner, _ name: String) -> Double? {
        guard let text = property(scanner, name) else { return nil }
        // Double also reads "nan", "inf" and hexadecimal; none of them is a measurement.
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        guard isPlain, let value = Double(text), value.isFinite else {
            doubt("\(name): is no decimal number, not used")
            return nil
        }
        return value
    }

    private mutating func degrees(_ scanner: XMPScanner, _ name: String, limit: Double) -> Double? {
        guard let value = decimal(scanner, name) else { return nil }
        guard abs(value) <= limit else {
            doubt("\(name): is out of range, not used")
            return nil
        }
        return value
    }
}
