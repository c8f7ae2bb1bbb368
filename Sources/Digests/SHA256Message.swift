import CDigests
import Crypto

/// Whether this processor has instructions of its own for SHA-256.
private let hasInstructions = digests_has_sha256() != 0

/// Computes the SHA-256 (FIPS 180-4) of a message that is there whole.
///
/// swift-crypto allocates a context for each, which costs as much as the hash of the few hundred bytes of a tree's leaf:
/// it is used where the processor has no instructions for SHA-256.
///
/// - Parameter digest: 32 bytes, which are written.
package func sha256(_ message: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer) {
    precondition(digest.count == 32)
    if hasInstructions {
        // No message has no address; C wants one all the same.
        let start = unsafe message.baseAddress ?? UnsafeRawPointer(digest.baseAddress.unsafelyUnwrapped)
        unsafe digests_sha256(start, message.count, digest.baseAddress)
    } else {
        var hash = SHA256()
        unsafe hash.update(bufferPointer: message)
        for (index, byte) in hash.finalize().enumerated() { unsafe digest[index] = byte }
    }
}
