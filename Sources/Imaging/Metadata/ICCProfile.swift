import Crypto

/// The colour profile of an image, checked as far as carrying it on asks (ICC.1:2022, sections 7.2 and 7.3).
package struct ICCProfile: Sendable, Equatable {
    package let bytes: [UInt8]
    /// What the profile calls itself.
    package let description: String?
    /// The space of the pixels that it describes, four characters: `RGB `, `GRAY`, `CMYK`.
    package let colourSpace: String
    /// Four characters: `mntr` display, `scnr` input, `prtr` output, `spac` colour space.
    package let deviceClass: String

    /// The digest that names the profile in the log.
    package var sha256: [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// Reads the profile of a JPEG (APP2) or PNG (iCCP) file; what is not whole or not sound is no profile but a doubt.
    package static func read(_ image: Span<UInt8>) -> (profile: ICCProfile?, doubts: [String]) {
        read(MetadataBlocks(of: image).profile)
    }

    static func read(_ parts: ICCParts) -> (profile: ICCProfile?, doubts: [String]) {
        var parts = parts
        guard let bytes = parts.joined() else { return (nil, parts.doubts.first.map { [$0] } ?? []) }
        do {
            return (try ICCProfile(bytes), [])
        } catch {
            return (nil, ["icc: \(error.reason), the profile was not used"])
        }
    }

    /// Whether the profile describes decoded pixels: inks that became light and indexes that became colours have other
    /// values than the profile speaks of.
    package func fits(_ info: ImageInfo) -> Bool {
        switch info.colourModel {
        case .grey, .greyAlpha: colourSpace == "GRAY"
        case .rgb, .rgba, .ycbcr, .palette: colourSpace == "RGB "
        case .cmyk, .ycck: false
        }
    }
}

extension ICCProfile {
    /// Why bytes are no profile.
    private struct Fault: Error {
        let reason: String
    }

    private init(_ bytes: [UInt8]) throws(Fault) {
        func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        func name(_ at: Int) -> String { VerbatimText.escaped(bytes[at..<at + 4]) }

        guard bytes.count >= 132, word(0) == bytes.count else { throw Fault(reason: "the size in its header is wrong") }
        guard bytes[36..<40].elementsEqual("acsp".utf8) else { throw Fault(reason: "it has no profile signature") }
        guard (2...4).contains(bytes[8]) else { throw Fault(reason: "its version is \(bytes[8]), not 2 to 4") }
        deviceClass = name(12)
        guard ["mntr", "scnr", "prtr", "spac"].contains(deviceClass) else {
            throw Fault(reason: "its class is none that images have")
        }
        colourSpace = name(16)
        guard word(128) <= (bytes.count - 132) / 12 else { throw Fault(reason: "its tag table ends outside of it") }
        var described: Range<Int>?
        for entry in 0..<word(128) {
            let at = 132 + entry * 12
            let offset = word(at + 4)
            // Both are below 2^32, so the sum fits.
            guard offset >= 128, offset + word(at + 8) <= bytes.count else {
                throw Fault(reason: "a tag lies outside of it")
            }
            if bytes[at..<at + 4].elementsEqual("desc".utf8) { described = offset..<offset + word(at + 8) }
        }
        description = described.flatMap { Self.text(bytes[$0]) }
        self.bytes = bytes
    }

    /// The text of a `desc` (version 2) or `mluc` (version 4) element; of several languages, English or the first.
    private static func text(_ slice: ArraySlice<UInt8>) -> String? {
        let element = Array(slice)
        guard element.count >= 12 else { return nil }
        func word(_ at: Int) -> Int { element[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        if element.starts(with: "desc".utf8) {
            return VerbatimText.escaped(element[12...].prefix(word(8)).prefix { $0 != 0 })
        }
        guard element.starts(with: "mluc".utf8), element.count >= 28, word(12) == 12 else { return nil }
        let records = min(word(8), (element.count - 16) / 12, 100)
        guard records > 0 else { return nil }
        let starts = (0..<records).map { 16 + $0 * 12 }
        let chosen = starts.first { element[$0..<$0 + 2].elementsEqual("en".utf8) } ?? starts[0]
        let offset = word(chosen + 8)
        guard offset <= element.count else { return nil }
        let units = Array(element[offset...].prefix(word(chosen + 4)))
        let text = stride(from: 0, to: units.count - units.count % 2, by: 2).map {
            UInt16(units[$0]) << 8 | UInt16(units[$0 + 1])
        }
        return VerbatimText.escaped(Array(String(decoding: text.prefix { $0 != 0 }, as: UTF16.self).utf8))
    }
}
