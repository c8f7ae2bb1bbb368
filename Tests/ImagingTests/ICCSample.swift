/// Builds small colour profiles by hand (ICC.1:2022 section 7): a header, a table of tags, and their bytes.
enum ICCSample {
    /// A profile whose description is an element of type `desc` (version 2) or `mluc` (version 4).
    static func profile(
        description: String = "Test profile",
        version: UInt8 = 2,
        space: String = "RGB ",
        deviceClass: String = "mntr",
        padding: Int = 0
    ) -> [UInt8] {
        let element = version < 4 ? desc(description) : mluc(description)
        // A private tag of noise makes the profile as large as a test wants.
        let filler = (0..<padding).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 5) }
        var tags = word(padding > 0 ? 2 : 1)
        let start = 128 + 4 + (padding > 0 ? 24 : 12)
        tags += Array("desc".utf8) + word(start) + word(element.count)
        if padding > 0 { tags += Array("zzzz".utf8) + word(start + element.count) + word(padding) }
        var header = [UInt8](repeating: 0, count: 128)
        header.replaceSubrange(0..<4, with: word(start + element.count + padding))
        header[8] = version
        header.replaceSubrange(12..<24, with: Array((deviceClass + space + "XYZ ").utf8))
        header.replaceSubrange(36..<40, with: Array("acsp".utf8))
        return header + tags + element + filler
    }

    /// The payloads of the APP2 segments of a profile cut in so many parts.
    static func segments(_ profile: [UInt8], parts: Int) -> [(marker: UInt8, payload: [UInt8])] {
        let size = (profile.count + parts - 1) / parts
        return (0..<parts).map { part in
            let bytes = profile[min(part * size, profile.count)..<min((part + 1) * size, profile.count)]
            return (0xE2, Array("ICC_PROFILE".utf8) + [0, UInt8(part + 1), UInt8(parts)] + bytes)
        }
    }

    /// The payload of an iCCP chunk.
    static func chunk(_ profile: [UInt8]) -> [UInt8] {
        Array("name".utf8) + [0, 0] + MetadataSample.stored(profile)
    }

    private static func desc(_ text: String) -> [UInt8] {
        let count = text.utf8.count + 1
        let element = Array("desc".utf8) + word(0) + word(count) + Array(text.utf8) + [0]
        // No text in other scripts follows.
        return element + [UInt8](repeating: 0, count: 78 + (4 - (count + 78 + 12) % 4) % 4)
    }

    private static func mluc(_ text: String) -> [UInt8] {
        func wide(_ text: String) -> [UInt8] { text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }
        let german = wide("Auf Deutsch")
        let english = wide(text)
        var element = Array("mluc".utf8) + word(0) + word(2) + word(12)
        element += Array("deDE".utf8) + word(german.count) + word(40)
        element += Array("enUS".utf8) + word(english.count) + word(40 + german.count)
        let end = element.count + german.count + english.count
        return element + german + english + [UInt8](repeating: 0, count: (4 - end % 4) % 4)
    }

    private static func word(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
