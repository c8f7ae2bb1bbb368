extension JPEGEncoder {
    /// What each part of a profile begins with (ICC.1, B.4), before its number and the number of parts.
    private static let profileName = Array("ICC_PROFILE\0".utf8)
    private static let largestPart = 65_519

    /// The APP2 segments that hold an ICC colour profile, ready to be written in a JPEG file; made once, however many
    /// tiles have it.
    package static func profileSegments(_ icc: [UInt8]) throws(ImagingError) -> [UInt8] {
        let parts = (icc.count + largestPart - 1) / largestPart
        guard (1...255).contains(parts) else {
            throw ImagingError(
                .encodeFailed,
                "a colour profile of \(icc.count) bytes does not fit a JPEG file, which holds 1 to "
                    + "\(255 * largestPart); leave it out"
            )
        }
        var segments: [UInt8] = []
        for part in 0..<parts {
            let bytes = icc[part * largestPart..<min(icc.count, (part + 1) * largestPart)]
            let length = 2 + profileName.count + 2 + bytes.count
            segments += [0xFF, 0xE2, UInt8(length >> 8), UInt8(length & 0xFF)]
            segments += profileName + [UInt8(part + 1), UInt8(parts)] + bytes
        }
        return segments
    }
}
