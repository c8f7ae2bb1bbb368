// Tags, types and meanings: EXIF 2.32 (CIPA DC-008) sections 4.6.4 to 4.6.6.
extension ImageMetadata {
    mutating func fill(fromExif bytes: [UInt8]) {
        guard let block = TIFFBlock(bytes) else {
            doubt("exif: the block has no TIFF header, not read")
            return
        }
        let image = TIFFDirectory(in: block, at: block.firstDirectory)
        report(image, as: "exif")
        set(\.make, text(image, 0x010F, "make"), from: "EXIF Make")
        set(\.model, text(image, 0x0110, "model"), from: "EXIF Model")
        fillOrientation(image)
        quote(image, .image)

        var photo: TIFFDirectory?
        if let offset = image.unsigned(0x8769) {
            let directory = TIFFDirectory(in: block, at: offset)
            report(directory, as: "exif photo directory")
            fillPhoto(directory)
            quote(directory, .photo)
            photo = directory
        }
        fillTime(image: image, photo: photo)
        if let offset = image.unsigned(0x8825) {
            let directory = TIFFDirectory(in: block, at: offset)
            report(directory, as: "gps directory")
            fillPosition(directory)
            quote(directory, .gps)
        }
    }

    private mutating func report(_ directory: TIFFDirectory, as name: String) {
        if directory.isCutShort { doubt("\(name): ends outside its block, the entries before were read") }
        for tag in directory.damaged.sorted() {
            doubt("\(name): tag 0x\(String(tag, radix: 16)) has no readable value")
        }
    }

    private mutating func fillOrientation(_ image: TIFFDirectory) {
        guard image.has(0x0112) else { return }
        guard !image.contradictions.contains(0x0112) else {
            doubt("orientation: is there twice with different values, not used")
            return
        }
        guard let value = image.unsigned(0x0112), image.count(0x0112) == 1, (1...8).contains(value) else {
            doubt("orientation: is no number from 1 to 8, not used")
            return
        }
        set(\.orientation, value, from: "EXIF Orientation")
    }

    private mutating func fillPhoto(_ photo: TIFFDirectory) {
        set(\.lens, text(photo, 0xA434, "lens model"), from: "EXIF LensModel")
        set(\.exposureSeconds, positive(photo, 0x829A, "exposure time"), from: "EXIF ExposureTime")
        set(\.fNumber, positive(photo, 0x829D, "f-number"), from: "EXIF FNumber")
        set(\.focalLengthMM, positive(photo, 0x920A, "focal length"), from: "EXIF FocalLength")
        fillFocalLength35(photo)
        fillFocalPlane(photo)
        fillISO(photo)
    }

    private mutating func fillFocalLength35(_ photo: TIFFDirectory) {
        guard photo.has(0xA405) else { return }
        // Zero means unknown (EXIF 2.32 section 4.6.5, FocalLengthIn35mmFilm).
        guard let value = believable(photo, 0xA405, "focal length in 35 mm film"), value > 0 else {
            doubt("focal length in 35 mm film: is unknown, not used")
            return
        }
        set(\.focalLength35MM, Double(value), from: "EXIF FocalLengthIn35mmFilm")
    }

    private mutating func fillFocalPlane(_ photo: TIFFDirectory) {
        guard photo.has(0xA20E) || photo.has(0xA20F),
            let across = positive(photo, 0xA20E, "focal plane x resolution"),
            let down = positive(photo, 0xA20F, "focal plane y resolution")
        else { return }
        let millimetres: Double
        switch photo.unsigned(0xA210) ?? 2 {
        case 2: millimetres = 25.4
        case 3: millimetres = 10
        case 4: millimetres = 1
        default:
            doubt("focal plane resolution: has an unknown unit, not used")
            return
        }
        let unit = "FocalPlaneResolutionUnit"
        set(\.focalPlaneXPixelsPerMM, across / millimetres, from: "EXIF FocalPlaneXResolution + \(unit)")
        set(\.focalPlaneYPixelsPerMM, down / millimetres, from: "EXIF FocalPlaneYResolution + \(unit)")
    }

    private mutating func fillISO(_ photo: TIFFDirectory) {
        guard let value = believable(photo, 0x8827, "iso"), value > 0 else { return }
        // 65535 says that the number does not fit and is in one of the 32-bit tags.
        guard value == 65_535 else {
            set(\.iso, value, from: "EXIF PhotographicSensitivity")
            return
        }
        for (tag, name) in [
            (0x8833, "ISOSpeed"), (0x8832, "RecommendedExposureIndex"), (0x8831, "StandardOutputSensitivity"),
        ]
        where iso == nil {
            if let value = photo.unsigned(tag), value > 0 { set(\.iso, value, from: "EXIF \(name)") }
        }
        if iso == nil { doubt("iso: is 65535 or more, the exact value is missing") }
    }

    // MARK: One value each, with its doubts

    mutating func text(_ directory: TIFFDirectory, _ tag: Int, _ name: String) -> String? {
        guard directory.has(tag) else { return nil }
        guard !directory.contradictions.contains(tag) else {
            doubt("\(name): is there twice with different values, not used")
            return nil
        }
        guard let bytes = directory.bytes(tag) else {
            doubt("\(name): is no text, not used")
            return nil
        }
        let untilNUL = bytes.prefix { $0 != 0 }.prefix(1_024)
        let text = String(decoding: untilNUL, as: UTF8.self).trimmingSpaces()
        return text.isEmpty ? nil : text
    }

    private mutating func believable(_ directory: TIFFDirectory, _ tag: Int, _ name: String) -> Int? {
        guard directory.has(tag) else { return nil }
        guard !directory.contradictions.contains(tag) else {
            doubt("\(name): is there twice with different values, not used")
            return nil
        }
        guard let value = directory.unsigned(tag) else {
            doubt("\(name): is no unsigned number, not used")
            return nil
        }
        return value
    }

    mutating func number(_ directory: TIFFDirectory, _ tag: Int, _ name: String) -> Double? {
        guard directory.has(tag) else { return nil }
        guard !directory.contradictions.contains(tag) else {
            doubt("\(name): is there twice with different values, not used")
            return nil
        }
        guard let rational = directory.rationals(tag)?.first else {
            doubt("\(name): is no fraction, not used")
            return nil
        }
        guard let value = rational.value else {
            doubt("\(name): has a denominator of zero, not used")
            return nil
        }
        return value
    }

    private mutating func positive(_ directory: TIFFDirectory, _ tag: Int, _ name: String) -> Double? {
        guard let value = number(directory, tag, name) else { return nil }
        guard value > 0 else {
            doubt("\(name): is not above zero, not used")
            return nil
        }
        return value
    }
}

extension String {
    func trimmingSpaces() -> String {
        guard let start = firstIndex(where: { !$0.isWhitespace }),
            let end = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[start...end])
    }
}
