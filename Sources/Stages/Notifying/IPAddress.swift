import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// An IPv4 or IPv6 address.
package struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads dotted quads and RFC 4291's text; nil for all else.
    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = Swift.withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = Swift.withUnsafeBytes(of: &six) { Array($0) }
        } else {
            return nil
        }
    }

    package var text: String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }

    /// The IPv4 address that reaches the same host: one that is mapped (RFC 4291, section 2.5.5), translated by NAT64
    /// (RFC 6052, the well-known prefix; RFC 8215) or tunnelled by 6to4 (RFC 3056).
    package var embedded: IPAddress? {
        guard bytes.count == 16 else { return nil }
        let zeros = [UInt8](repeating: 0, count: 10)
        if bytes.starts(with: zeros + [0xFF, 0xFF]) || bytes.starts(with: zeros + [0, 0]) {
            return IPAddress(bytes: Array(bytes[12...]))
        }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
            || bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01])
        {
            return IPAddress(bytes: Array(bytes[12...]))
        }
        if bytes.starts(with: [0x20, 0x02]) { return IPAddress(bytes: Array(bytes[2..<6])) }
        return nil
    }
}

/// A block of addresses: `10.0.0.0/8`, `fd00::/8`.
package struct AddressBlock: Sendable, Equatable {
    package let base: IPAddress
    package let length: Int

    /// nil for what is no block; an address alone is a block of one.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let base = IPAddress(String(first)) else { return nil }
        let whole = base.bytes.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : whole, (0...whole).contains(length) else { return nil }
        self.base = base
        self.length = length
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        for index in base.bytes.indices {
            let bits = min(8, max(0, length - index * 8))
            let mask = bits == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF << (8 - bits))
            if base.bytes[index] & mask != address.bytes[index] & mask { return false }
        }
        return true
    }
}
