import Crypto
import Foundation

/// The shared secret of those who may push; it is never printed.
package struct ServerToken: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private let digest: [UInt8]

    /// - Returns: nil for an empty text, which would let everybody in.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        digest = Self.digest(text)
    }

    /// Whether an `Authorization` header proves that its sender knows the secret.
    ///
    /// `Bearer TOKEN` does (RFC 6750, section 2.1), and so does `Basic` with the token as password and any user name
    /// (RFC 7617): a Ceph gateway can only be given `https://USER:TOKEN@HOST/…`.
    package func isProved(by header: String) -> Bool {
        guard let space = header.firstIndex(of: " ") else { return false }
        let credentials = header[space...].drop { $0 == " " }
        switch header[..<space].lowercased() {
        case "bearer": return matches(credentials)
        case "basic":
            guard let pair = Data(base64Encoded: String(credentials)),
                let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            else { return false }
            return matches(String(decoding: pair[(colon + 1)...], as: UTF8.self))
        default: return false
        }
    }

    /// Compares digests of one length, every byte of them: the time says nothing about the secret.
    private func matches(_ offered: some StringProtocol) -> Bool {
        let difference = zip(digest, Self.digest(offered)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        return difference == 0
    }

    private static func digest(_ text: some StringProtocol) -> [UInt8] {
        Array(SHA256.hash(data: Array(text.utf8)))
    }

    package var description: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
