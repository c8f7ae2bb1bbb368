import Digests

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
        self.init(hex: Array(text.utf8)[...])
    }

    /// Parses 64 hexadecimal digits in ASCII.
    package init?(hex digits: ArraySlice<UInt8>) {
        guard digits.count == 64,
            let upper = UInt128(hex: digits.prefix(32)), let lower = UInt128(hex: digits.suffix(32))
        else { return nil }
        self.init(
            UInt64(truncatingIfNeeded: upper >> 64).bigEndian,
            UInt64(truncatingIfNeeded: upper).bigEndian,
            UInt64(truncatingIfNeeded: lower >> 64).bigEndian,
            UInt64(truncatingIfNeeded: lower).bigEndian
        )
    }

    /// Computes the SHA-256 of `data`.
    package init(of data: some Sequence<UInt8>) {
        self.init(of: Array(data).span.bytes)
    }

    /// Computes the SHA-256 of `data`.
    package init(of data: RawSpan) {
        var digest = Digest(0, 0, 0, 0)
        unsafe data.withUnsafeBytes { message in
            unsafe withUnsafeMutableBytes(of: &digest) { unsafe sha256(message, into: $0) }
        }
        self = digest
    }

    /// Computes the SHA-256 of several pieces, one after the other.
    package init(ofPieces pieces: [UInt8]...) {
        self.init(of: pieces.joined())
    }

    /// The words of the digest as they lie in memory.
    private init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
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
        let digits = (Self.digits(first), Self.digits(second), Self.digits(third), Self.digits(fourth))
        unsafe withUnsafeBytes(of: digits) { unsafe out.append(contentsOf: $0) }
    }

    /// The 16 digits of a word of the digest, as they lie in memory.
    private static func digits(_ word: UInt64) -> (UInt64, UInt64) {
        let value = UInt64(bigEndian: word)
        return (
            hexDigits(UInt32(truncatingIfNeeded: value >> 32)).bigEndian,
            hexDigits(UInt32(truncatingIfNeeded: value)).bigEndian
        )
    }
}
