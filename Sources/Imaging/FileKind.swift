extension ImageFormat {
    /// The format that a file's bytes begin like.
    init(of bytes: [UInt8]) throws(ImagingError) {
        guard !bytes.isEmpty else { throw ImagingError(.emptyFile, "the file has no bytes; fetch it again") }
        switch FileKind(bytes) {
        case .jpeg: self = .jpeg
        case .png: self = .png
        case .unsupported(let name, let advice):
            throw ImagingError(.unsupportedFormat, "\(name) is not cut; \(advice)")
        case .notAnImage(let name): throw ImagingError(.notAnImage, "the file is \(name)")
        case .unknown: throw ImagingError(.notAnImage, "the first bytes are those of no known image format")
        }
    }
}

/// What a file is by its first bytes, never by its name.
enum FileKind: Equatable {
    case jpeg
    case png
    /// A kind that is known and not cut, with what to do about it.
    case unsupported(name: String, advice: String)
    /// Text, an archive and the like: nothing that was ever an image.
    case notAnImage(name: String)
    case unknown

    init(_ bytes: [UInt8]) {
        let head = Head(bytes: bytes)
        if head.has([0xFF, 0xD8]) {
            self = .jpeg
        } else if head.has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else {
            self = Self.still(head) ?? Self.container(head) ?? Self.other(head) ?? .unknown
        }
    }

    private static let convert = "convert it to JPEG or PNG"

    private static func still(_ head: Head) -> FileKind? {
        if let tiff = TIFFKind(head.bytes) { return .unsupported(name: tiff.name, advice: tiff.advice) }
        let kinds: [(magic: [UInt8], name: String, advice: String)] = [
            (Array("GIF8".utf8), "GIF", convert),
            ([0x42, 0x4D], "BMP", convert),
            (Array("8BPS".utf8), "Photoshop PSD", convert),
            (Array("FUJIFILMCCD-RAW".utf8), "Fujifilm RAF raw", "develop it to JPEG or PNG first"),
            ([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20], "JPEG 2000", convert),
            ([0xFF, 0x4F, 0xFF, 0x51], "JPEG 2000 codestream", convert),
            ([0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "JPEG XL", convert),
            ([0xFF, 0x0A], "JPEG XL codestream", convert),
            ([0x49, 0x49, 0xBC], "JPEG XR", convert),
            ([0x76, 0x2F, 0x31, 0x01], "OpenEXR", convert),
            ([0x8A, 0x4D, 0x4E, 0x47], "MNG animation", convert),
        ]
        guard let kind = kinds.first(where: { head.has($0.magic) }) else { return nil }
        return .unsupported(name: kind.name, advice: kind.advice)
    }

    private static func container(_ head: Head) -> FileKind? {
        if head.has("RIFF") {
            if head.has("WEBP", at: 8) { return .unsupported(name: "WebP", advice: convert) }
            if head.has("AVI ", at: 8) {
                return .unsupported(name: "AVI video", advice: "extract frames as JPEG or PNG")
            }
            return .notAnImage(name: "a RIFF file")
        }
        if head.has([0x1A, 0x45, 0xDF, 0xA3]) {
            return .unsupported(name: "Matroska or WebM video", advice: "extract frames as JPEG or PNG")
        }
        if let film = film(head) { return .unsupported(name: film, advice: "extract frames as JPEG or PNG") }
        if head.has("ftyp", at: 4) { return isoMedia(brand: head.text(at: 8, count: 4)) }
        if ["moov", "mdat", "wide", "pnot"].contains(where: { head.has($0, at: 4) }) {
            return .unsupported(name: "MOV video", advice: "extract frames as JPEG or PNG")
        }
        return nil
    }

    /// Containers of films that are told by bytes at a fixed place.
    ///
    /// Sources: ISO 13818-1 (a packet of 188 bytes begins with 0x47; a pack header is 000001BA), Blu-ray's four bytes
    /// before each packet; ASF 1.2, section 10.1 (the header object's GUID); FLV 10.1, annex E.2.
    private static func film(_ head: Head) -> String? {
        for (start, length) in [(0, 188), (4, 192)]
        where (0..<3).allSatisfy({ head.has([0x47], at: start + $0 * length) }) {
            return "MPEG transport stream video"
        }
        let kinds: [(magic: [UInt8], name: String)] = [
            ([0x00, 0x00, 0x01, 0xBA], "MPEG program stream video"),
            ([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], "ASF or WMV video"),
            (Array("FLV".utf8) + [0x01], "Flash video"),
        ]
        return kinds.first { head.has($0.magic) }?.name
    }

    /// ISO base media (ISO 14496-12): the major brand tells stills from films.
    private static func isoMedia(brand: String) -> FileKind {
        switch brand {
        case "avif", "avis": .unsupported(name: "AVIF", advice: convert)
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
            .unsupported(name: "HEIC", advice: "convert it to JPEG, or set the camera to JPEG")
        case "crx ": .unsupported(name: "Canon CR3 raw", advice: "develop it to JPEG or PNG first")
        case "qt  ": .unsupported(name: "MOV video", advice: "extract frames as JPEG or PNG")
        default: .unsupported(name: "MP4 video", advice: "extract frames as JPEG or PNG")
        }
    }

    private static func other(_ head: Head) -> FileKind? {
        let kinds: [(magic: [UInt8], name: String)] = [
            (Array("%PDF".utf8), "a PDF document"),
            ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive"),
            ([0x1F, 0x8B], "a gzip archive"),
            ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
            (Array("SQLite format 3".utf8), "an SQLite database"),
            (
                Array("<?xml".utf8),
                "an XML document; an object store may have sent an error in place of the object"
            ),
            (Array("<!DOCTYPE".utf8), "a web page; a server may have sent an error in place of the object"),
            (Array("<html".utf8), "a web page; a server may have sent an error in place of the object"),
        ]
        if let kind = kinds.first(where: { head.has($0.magic) }) { return .notAnImage(name: kind.name) }
        let start = head.bytes.prefix(256)
        if start.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || (0x09...0x0D).contains($0) }) {
            return .notAnImage(name: "text")
        }
        if start.allSatisfy({ $0 == 0 }) {
            return .notAnImage(name: "all zeros; the card or the transfer failed, fetch it again")
        }
        return nil
    }
}

/// The first bytes of a file, compared without ever reading past its end.
private struct Head {
    let bytes: [UInt8]

    func has(_ magic: some Collection<UInt8>, at offset: Int = 0) -> Bool {
        bytes.count >= offset + magic.count && bytes[offset..<offset + magic.count].elementsEqual(magic)
    }

    func has(_ magic: String, at offset: Int = 0) -> Bool {
        has(magic.utf8, at: offset)
    }

    func text(at offset: Int, count: Int) -> String {
        guard bytes.count >= offset + count else { return "" }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }
}
