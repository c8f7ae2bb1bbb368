import Crypto
package import Events
import Foundation

/// What signs messages by the Standard Webhooks scheme (github.com/standard-webhooks/standard-webhooks, specification
/// 1.0.0).
package struct WebhookSecret: Sendable, Equatable {
    private enum Key: Sendable, Equatable {
        /// HMAC-SHA256: version `v1`.
        case shared([UInt8])
        /// Ed25519, the seed of the private key: version `v1a`.
        case signing([UInt8])
    }

    private let key: Key
    /// As it was given: never shown, and masked in what receivers answer.
    let text: String

    /// - Parameter text: `whsec_` and the base64 of a shared secret; `whsk_` and the base64 of an Ed25519 private key, 32
    ///   bytes, or 64 with the public one behind it; or any other text, whose UTF-8 bytes are a shared secret.
    package init?(_ text: String) {
        self.text = text
        if text.hasPrefix("whsec_") {
            guard let bytes = Data(base64Encoded: String(text.dropFirst(6))), !bytes.isEmpty else { return nil }
            key = .shared(Array(bytes))
        } else if text.hasPrefix("whsk_") {
            guard let bytes = Data(base64Encoded: String(text.dropFirst(5))), [32, 64].contains(bytes.count),
                let signing = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.prefix(32)),
                bytes.count == 32 || signing.publicKey.rawRepresentation == bytes.suffix(32)
            else { return nil }
            key = .signing(Array(bytes.prefix(32)))
        } else {
            guard !text.isEmpty else { return nil }
            key = .shared(Array(text.utf8))
        }
    }

    /// One signature over `id.timestamp.body`: its version, a comma, base64.
    func signature(id: String, seconds: String, body: [UInt8]) throws -> String {
        let signed = Array("\(id).\(seconds).".utf8) + body
        switch key {
        case .shared(let bytes):
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: bytes))
            return "v1,\(Data(code).base64EncodedString())"
        case .signing(let seed):
            let signature = try Curve25519.Signing.PrivateKey(rawRepresentation: seed).signature(for: signed)
            return "v1a,\(signature.base64EncodedString())"
        }
    }

    /// The scheme's headers for a message: its id, when it is sent, and a signature of each secret.
    package static func headers(
        _ secrets: [WebhookSecret],
        id: String,
        at time: Timestamp,
        body: [UInt8]
    ) throws -> [(String, String)] {
        let seconds = String(time.microseconds / 1_000_000)
        var headers = [("webhook-id", id), ("webhook-timestamp", seconds)]
        let signatures = try secrets.map { try $0.signature(id: id, seconds: seconds, body: body) }
        if !signatures.isEmpty { headers.append(("webhook-signature", signatures.joined(separator: " "))) }
        return headers
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
}
