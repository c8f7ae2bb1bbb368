import Events

/// A CloudEvent as an HTTP request carries it (CloudEvents 1.0.2, HTTP protocol binding).
struct CloudEventMessage {
    let headers: [(String, String)]
    let body: [UInt8]

    /// - Parameter event: the event in structured JSON, as it was queued.
    /// - Throws: `EventError` where it is none.
    init(_ event: String, mode: Endpoint.Mode) throws {
        let bytes = Array(event.utf8)
        switch mode {
        case .structured:
            headers = [("content-type", "application/cloudevents+json; charset=utf-8")]
            body = bytes
        case .binary:
            let json = try JSONObject(bytes)
            var headers = [("content-type", "application/json")]
            for name in Self.attributes {
                if let value = try json.optionalString(name) { headers.append(("ce-\(name)", Self.escaped(value))) }
            }
            self.headers = headers
            body = json.raw("data") ?? []
        }
    }

    private static let attributes = [
        "specversion", "id", "type", "source", "subject", "time", "dataschema", "sequence",
    ]

    /// Percent-encodes what a header can't hold: spaces, double quotes, per cent, and all beyond printable ASCII (HTTP
    /// binding, section 3.1.3.2).
    private static func escaped(_ value: String) -> String {
        value.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "%"): hex(byte)
            case 0x21...0x7E: String(UnicodeScalar(byte))
            default: hex(byte)
            }
        }.joined()
    }

    private static func hex(_ byte: UInt8) -> String {
        "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
