// Names and meanings of the drone-dji properties: DJI Media File Metadata White Paper, Part 2 (2020), and the photo
// file tables of the Zenmuse P1 and Mavic 3M manuals (angles are north-east-down, rotated in the order Z, Y, X).
extension ImageMetadata {
    mutating func fill(fromXMP bytes: [UInt8]) {
        guard !bytes.prefix(64).contains(0) else {
            doubt("xmp: is not written in UTF-8, not read")
            return
        }
        let scanner = XMPScanner(bytes)
        if scanner.isCutShort { doubt("xmp: ends inside a tag, what came before was read") }
        quote(scanner)

        setDecimal(\.relativeAltitudeMetres, scanner, "RelativeAltitude")
        setDecimal(\.absoluteAltitudeMetres, scanner, "AbsoluteAltitude")
        setDegrees(\.gimbalYaw, scanner, "GimbalYawDegree", limit: 360)
        setDegrees(\.gimbalPitch, scanner, "GimbalPitchDegree", limit: 180)
        setDegrees(\.gimbalRoll, scanner, "GimbalRollDegree", limit: 360)
        setDegrees(\.flightYaw, scanner, "FlightYawDegree", limit: 360)
        setDegrees(\.flightPitch, scanner, "FlightPitchDegree", limit: 180)
        setDegrees(\.flightRoll, scanner, "FlightRollDegree", limit: 360)
        let flag = decimal(scanner, "RtkFlag").flatMap { Int(exactly: $0) }
        set(\.rtkFlag, flag, from: tag("RtkFlag"))
        setDeviation(\.rtkStdLongitudeMetres, scanner, "RtkStdLon")
        setDeviation(\.rtkStdLatitudeMetres, scanner, "RtkStdLat")
        setDeviation(\.rtkStdHeightMetres, scanner, "RtkStdHgt")
        set(\.captureUUID, property(scanner, "CaptureUUID"), from: tag("CaptureUUID"))
        if let pixels = decimal(scanner, "CalibratedFocalLength"), pixels > 0 {
            set(\.calibratedFocalLengthPixels, pixels, from: tag("CalibratedFocalLength"))
        }
        compareOrientation(scanner)
        comparePosition(scanner)
        compareAltitudes()
        checkGimbal(scanner)
    }

    // MARK: One property each, with its doubts

    func tag(_ name: String) -> String { "XMP drone-dji:\(name)" }

    private mutating func property(_ scanner: XMPScanner, _ name: String) -> String? {
        guard let value = scanner.text("drone-dji:\(name)") else { return nil }
        guard !scanner.contradictions.contains("drone-dji:\(name)") else {
            doubt("\(name): is there twice with different values, not used")
            return nil
        }
        return value
    }

    mutating func decimal(_ scanner: XMPScanner, _ name: String) -> Double? {
        guard let text = property(scanner, name) else { return nil }
        // Double also reads "nan", "inf" and hexadecimal; none of them is a measurement.
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        guard isPlain, let value = Double(text), value.isFinite else {
            doubt("\(name): is no decimal number, not used")
            return nil
        }
        return value
    }

    mutating func firstDecimal(_ scanner: XMPScanner, _ names: [String]) -> (value: Double, name: String)? {
        for name in names {
            if let value = decimal(scanner, name) { return (value, name) }
        }
        return nil
    }

    private mutating func setDecimal(
        _ place: WritableKeyPath<ImageMetadata, Double?>,
        _ scanner: XMPScanner,
        _ name: String
    ) {
        set(place, decimal(scanner, name), from: tag(name))
    }

    private mutating func setDegrees(
        _ place: WritableKeyPath<ImageMetadata, Double?>,
        _ scanner: XMPScanner,
        _ name: String,
        limit: Double
    ) {
        guard let value = decimal(scanner, name) else { return }
        guard abs(value) <= limit else {
            doubt("\(name): is out of range, not used")
            return
        }
        set(place, value, from: tag(name))
    }

    private mutating func setDeviation(
        _ place: WritableKeyPath<ImageMetadata, Double?>,
        _ scanner: XMPScanner,
        _ name: String
    ) {
        guard let value = decimal(scanner, name) else { return }
        // Zero is what drones without a receiver for it write.
        guard value > 0 else {
            if value < 0 { doubt("\(name): is negative, not used") }
            return
        }
        guard value <= 1_000_000 else {
            doubt("\(name): is out of range, not used")
            return
        }
        set(place, value, from: tag(name))
    }
}
