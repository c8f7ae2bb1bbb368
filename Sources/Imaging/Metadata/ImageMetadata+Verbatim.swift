extension ImageMetadata {
    /// Enough for any camera; the log keeps these for ever.
    private static let maxQuotes = 400

    /// Keeps what the entries of a directory say, unless they only point to others or hold the maker's own structure.
    mutating func quote(_ directory: TIFFDirectory, _ kind: ExifTagNames) {
        // Its structure is the maker's own, and its offsets often count from elsewhere.
        if directory.has(0x927C) { leaveOut("exif MakerNote: \(directory.count(0x927C)) bytes, not read") }
        for tag in directory.entries.keys.sorted() where ![0x8769, 0x8825, 0xA005, 0x927C].contains(tag) {
            guard hasRoomForQuotes() else { return }
            let name = kind.name(of: tag)
            guard let value = directory.verbatim(tag) else { continue }
            if directory.isBinary(tag) { leaveOut("exif \(name): binary, told by its size alone") }
            guard let earlier = verbatim["exif"]?[name] else {
                quote(value, name, in: "exif")
                continue
            }
            // A tag out of its place, or an unknown number that two directories use.
            if earlier != value { quote(value, "\(kind.group):\(name)", in: "exif") }
        }
    }

    /// Keeps the simple properties of an XMP packet.
    mutating func quote(_ scanner: XMPScanner) {
        for name in scanner.names {
            guard hasRoomForQuotes() else { return }
            quote(VerbatimText.escaped(scanner.values[name] ?? []), VerbatimText.escaped(name.utf8), in: "xmp")
        }
        for name in scanner.passedOver {
            leaveOut("xmp \(VerbatimText.escaped(name.utf8)): a structure or list, passed over")
        }
    }

    mutating func quote(_ values: [String: String], in group: String) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { quote(value, name, in: group) }
    }

    private mutating func quote(_ value: String, _ name: String, in group: String) {
        guard hasRoomForQuotes() else { return }
        verbatim[group, default: [:]][name] = value
        if VerbatimText.isCut(value) { leaveOut("\(group) \(name): cut after \(VerbatimText.limit) bytes") }
    }

    private mutating func hasRoomForQuotes() -> Bool {
        let hasRoom = verbatim.values.reduce(0) { $0 + $1.count } < Self.maxQuotes
        if !hasRoom { doubt("verbatim: the file has more than \(Self.maxQuotes) tags, the rest is left out") }
        return hasRoom
    }
}
