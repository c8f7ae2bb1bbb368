/// An answer that can be asked for a header.
package protocol HTTPAnswer: Sendable {
    /// In the order they came, names as the peer wrote them.
    var headers: [(name: String, value: String)] { get }
}

extension HTTPAnswer {
    /// Returns the first value of a header; names are compared without case.
    package func header(_ name: String) -> String? {
        headers.first { isSameHeader($0.name, name) }?.value
    }
}

/// Whether two names are of one header: their case does not matter (RFC 9110, section 5.1).
func isSameHeader(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lowercase($0) == lowercase($1) }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
