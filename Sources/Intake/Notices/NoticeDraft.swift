import Events

/// A notice while its fields are read, so that what was read is known when one of them fails.
struct NoticeDraft {
    /// Why a record cannot be taken up, in words.
    struct Problem: Error {
        let message: String
    }

    /// S3 allows no longer keys ("Creating object key names", Amazon S3 user guide), and MinIO and Ceph do neither.
    private static let longestKey = 1_024
    private static let longestBucket = 255

    private(set) var bucket: String?
    private(set) var key: String?
    private var size: Int?
    private var etag: String?
    private var versionID: String?
    private var sequencer: String?
    private var eventTime: Timestamp?

    mutating func setBucket(_ name: String) throws {
        guard (1...Self.longestBucket).contains(name.utf8.count), !name.utf8.contains(0) else {
            throw Problem(message: "the bucket's name is empty or longer than \(Self.longestBucket) bytes")
        }
        bucket = name
    }

    /// - Parameter isEncoded: whether the key is written as in a form, with `+` for a space.
    mutating func setKey(_ written: String, isEncoded: Bool) throws {
        guard let plain = isEncoded ? percentDecoded(written, plusIsSpace: true) : written else {
            throw Problem(message: "the key '\(written.prefix(200))' is not URL-encoded UTF-8")
        }
        guard (1...Self.longestKey).contains(plain.utf8.count), !plain.utf8.contains(0) else {
            throw Problem(message: "the key is empty, holds a NUL or is longer than \(Self.longestKey) bytes")
        }
        key = plain
    }

    /// Reads a number of bytes, which some write as a string; absent is nil.
    mutating func setSize(_ object: JSONObject, _ name: String) throws {
        guard let raw = object.raw(name) else { return }
        let digits = raw.first == UInt8(ascii: "\"") ? try object.string(name) : String(decoding: raw, as: UTF8.self)
        if digits.isEmpty { return }
        guard let value = Int(digits), value >= 0 else {
            throw Problem(message: "'\(name)' is not a number of bytes")
        }
        size = value
    }

    mutating func setETag(_ text: String?) {
        etag = text.map { $0.filter { $0 != "\"" } }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `null` is what S3 calls the version of an object that has none.
    mutating func setVersionID(_ text: String?) {
        versionID = text.flatMap { $0.isEmpty || $0 == "null" ? nil : $0 }
    }

    /// The digits' case differs between S3's channels, and is made one so that they can be compared.
    mutating func setSequencer(_ text: String?) {
        sequencer = text.flatMap { $0.isEmpty ? nil : $0.utf8.allSatisfy(Self.isHexDigit) ? $0.uppercased() : $0 }
    }

    mutating func setEventTime(_ text: String?) throws {
        guard let text, !text.isEmpty else { return }
        guard let time = Timestamp(rfc3339: text) else {
            throw Problem(message: "'\(text.prefix(100))' is not a time as RFC 3339 has it")
        }
        eventTime = time
    }

    func notice(_ event: EventKind) throws -> ObjectNotice {
        guard let bucket, let key else { throw Problem(message: "the bucket or the key is missing") }
        return ObjectNotice(
            kind: event.kind,
            bucket: bucket,
            key: key,
            size: size,
            etag: etag,
            versionID: event.isAboutItsVersion ? versionID : nil,
            sequencer: sequencer,
            eventTime: eventTime
        )
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
