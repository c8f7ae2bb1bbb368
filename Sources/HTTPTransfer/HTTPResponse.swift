/// One answer, its body in memory.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// The final answer's headers in the order they came, names as the peer wrote them; trailers follow.
    package let headers: [(name: String, value: String)]
    /// The body, or its beginning where `bodyTruncated`.
    package let body: [UInt8]
    /// Whether the peer had more to send than the client's body limit.
    package let bodyTruncated: Bool
    /// Time from the start of the transfer to its end; waiting for a free connection slot is not in it.
    package let seconds: Double

    /// Returns the first value of a header; names are compared without case.
    package func header(_ name: String) -> String? {
        headers.first { isSameHeader($0.name, name) }?.value
    }
}

/// Whether two names are of one header: their case does not matter (RFC 9110, section 5.1).
package func isSameHeader(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lowercase($0) == lowercase($1) }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
