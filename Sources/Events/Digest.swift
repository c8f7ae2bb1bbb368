import Crypto

/// The SHA-256 of some bytes (FIPS 180-4), 32 bytes long.
///
/// In memory it is these bytes and nothing else, so that a tree over millions of leaves allocates nothing.
package struct Digest: Sendable, Hashable, BitwiseCopyable, CustomStringConvertible {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Wraps 32 bytes that are a SHA-256 already; nil for any other length.
    package init?(bytes: RawSpan) {
        guard bytes.byteCount == 32 else { return nil }
        self = unsafe bytes.unsafeLoadUnaligned(as: Digest.self)
    }

    /// Wraps 32 bytes that are a SHA-256 already; nil for any other length.
    package init?(bytes: [UInt8]) {
        self.init(bytes: bytes.span.bytes)
    }

    /// Parses 64 hexadecimal digits.
    package init?(hex text: some StringProtocol) {
        guard let parsed = Events.bytes(hex: text) else { return nil }
        self.init(bytes: parsed)
    }

    /// Computes the SHA-256 of `data`.
    package init(of data: some Sequence<UInt8>) {
        self.init(of: Array(data).span.bytes)
    }

    /// Computes the SHA-256 of `data`.
    package init(of data: RawSpan) {
        var hasher = SHA256()
        unsafe data.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        self.init(hasher.finalize())
    }

    /// Computes the SHA-256 of several pieces, one after the other.
    package init(ofPieces pieces: [UInt8]...) {
        var hasher = SHA256()
        for piece in pieces { hasher.update(data: piece) }
        self.init(hasher.finalize())
    }

    private init(_ digest: SHA256Digest) {
        self = unsafe digest.withUnsafeBytes { unsafe $0.loadUnaligned(as: Digest.self) }
    }

    /// The 32 bytes of the digest.
    package var bytes: [UInt8] {
        unsafe withUnsafeBytes(of: self) { unsafe Array($0) }
    }

    /// The first 8 bytes, most significant first.
    package var prefix: UInt64 { UInt64(bigEndian: first) }

    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        appendHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the 64 lower-case hexadecimal digits in ASCII.
    package func appendHex(to out: inout [UInt8]) {
        Self.append(first, to: &out)
        Self.append(second, to: &out)
        Self.append(third, to: &out)
        Self.append(fourth, to: &out)
    }

    private static func append(_ word: UInt64, to out: inout [UInt8]) {
        let value = UInt64(bigEndian: word)
        out.append(bytesOf: hexDigits(UInt32(truncatingIfNeeded: value >> 32)))
        out.append(bytesOf: hexDigits(UInt32(truncatingIfNeeded: value)))
    }
}
