// DateTimeOriginal, SubSecTimeOriginal and OffsetTimeOriginal: EXIF 2.32 section 4.6.5, F.
extension ImageMetadata {
    /// The moment of exposure; where only a later moment is recorded, that one with a doubt.
    mutating func fillTime(image: TIFFDirectory, photo: TIFFDirectory?) {
        if let photo, let original = moment(photo, 0x9003, "date-time original") {
            set(\.takenAt, original, from: "EXIF DateTimeOriginal")
            set(\.takenAtSubsecond, subsecond(photo, 0x9291), from: "EXIF SubSecTimeOriginal")
            set(\.takenAtOffset, offset(photo, 0x9011), from: "EXIF OffsetTimeOriginal")
        } else if let photo, let digitised = moment(photo, 0x9004, "date-time digitised") {
            set(\.takenAt, digitised, from: "EXIF DateTimeDigitized")
            set(\.takenAtSubsecond, subsecond(photo, 0x9292), from: "EXIF SubSecTimeDigitized")
            set(\.takenAtOffset, offset(photo, 0x9012), from: "EXIF OffsetTimeDigitized")
            doubt("taken at: no original time, the time of digitising was used")
        } else if let changed = moment(image, 0x0132, "date-time") {
            set(\.takenAt, changed, from: "EXIF DateTime")
            if let photo {
                set(\.takenAtSubsecond, subsecond(photo, 0x9290), from: "EXIF SubSecTime")
                set(\.takenAtOffset, offset(photo, 0x9010), from: "EXIF OffsetTime")
            }
            doubt("taken at: no original time, the time of the last change was used")
        }
    }

    private mutating func moment(_ directory: TIFFDirectory, _ tag: Int, _ name: String) -> String? {
        guard let text = text(directory, tag, name) else { return nil }
        guard Self.isMoment(text) else {
            doubt("\(name): is no date and time, not used")
            return nil
        }
        return text
    }

    private mutating func subsecond(_ directory: TIFFDirectory, _ tag: Int) -> String? {
        guard let text = text(directory, tag, "sub-second") else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            doubt("sub-second: has other characters than digits, not used")
            return nil
        }
        return text
    }

    private mutating func offset(_ directory: TIFFDirectory, _ tag: Int) -> String? {
        guard let text = text(directory, tag, "time offset") else { return nil }
        guard let fields = Self.digits(of: text, pattern: "+00:00"), fields[0] <= 14, fields[1] < 60 else {
            doubt("time offset: is not written as +hh:mm, not used")
            return nil
        }
        return text
    }

    /// A date that exists, in the shape `YYYY:MM:DD hh:mm:ss`; blanks and zeros mean unknown in EXIF.
    private static func isMoment(_ text: String) -> Bool {
        guard let fields = digits(of: text, pattern: "0000:00:00 00:00:00") else { return false }
        let days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard fields[0] > 0, (1...12).contains(fields[1]), (1...days[fields[1] - 1]).contains(fields[2])
        else {
            return false
        }
        return fields[3] < 24 && fields[4] < 60 && fields[5] <= 60
    }

    /// The numbers of a text that follows a pattern, where `0` stands for a digit and `+` for a sign.
    private static func digits(of text: String, pattern: String) -> [Int]? {
        let bytes = Array(text.utf8)
        let shape = Array(pattern.utf8)
        guard bytes.count == shape.count else { return nil }
        var fields: [Int] = []
        var isInNumber = false
        for (byte, wanted) in zip(bytes, shape) {
            switch wanted {
            case 0x30:
                guard (0x30...0x39).contains(byte) else { return nil }
                if !isInNumber { fields.append(0) }
                fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(byte - 0x30)
                isInNumber = true
            case 0x2B:
                guard byte == 0x2B || byte == 0x2D else { return nil }
                isInNumber = false
            default:
                guard byte == wanted else { return nil }
                isInNumber = false
            }
        }
        return fields
    }
}
