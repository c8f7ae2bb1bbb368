import Crypto

/// The SHA-256 of some bytes (FIPS 180-4), 32 bytes long.
package struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes of the digest.
    package let bytes: [UInt8]

    /// Wraps 32 bytes that are a SHA-256 already; nil for any other length.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Parses 64 hexadecimal digits.
    package init?(hex text: some StringProtocol) {
        guard let parsed = Events.bytes(hex: text) else { return nil }
        self.init(bytes: parsed)
    }

    /// Computes the SHA-256 of `data`.
    package init(of data: some Sequence<UInt8>) {
        var hasher = SHA256()
        hasher.update(data: Array(data))
        bytes = Array(hasher.finalize())
    }

    /// Computes the SHA-256 of several pieces, one after the other.
    package init(ofPieces pieces: [UInt8]...) {
        var hasher = SHA256()
        for piece in pieces { hasher.update(data: piece) }
        bytes = Array(hasher.finalize())
    }

    package var description: String { hex(bytes) }
}
