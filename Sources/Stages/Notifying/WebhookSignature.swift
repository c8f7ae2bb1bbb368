import Crypto
package import Events
import Foundation

/// Signs webhooks by the Standard Webhooks scheme (github.com/standard-webhooks/standard-webhooks, specification 1.0.0).
package struct WebhookSignature: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: the shared secret; with the prefix `whsec_` its base64 is decoded, else its UTF-8 bytes are
    ///   the key.
    package init?(secret: String) {
        if secret.hasPrefix("whsec_") {
            guard let bytes = Data(base64Encoded: String(secret.dropFirst(6))), !bytes.isEmpty else { return nil }
            key = SymmetricKey(data: bytes)
        } else {
            guard !secret.isEmpty else { return nil }
            key = SymmetricKey(data: Array(secret.utf8))
        }
    }

    /// The three headers for a message: HMAC-SHA256 over `id.timestamp.body`, base64, as version `v1`.
    package func headers(id: String, at time: Timestamp, body: [UInt8]) -> [(String, String)] {
        let seconds = String(time.microseconds / 1_000_000)
        var mac = HMAC<SHA256>(key: key)
        mac.update(data: Array("\(id).\(seconds).".utf8))
        mac.update(data: body)
        let signature = Data(mac.finalize()).base64EncodedString()
        return [("webhook-id", id), ("webhook-timestamp", seconds), ("webhook-signature", "v1,\(signature)")]
    }
}
