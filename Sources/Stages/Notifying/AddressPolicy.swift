import Foundation

/// Which addresses notifications may be sent to: those of the public internet, and what the operator allows beside them.
///
/// An operator's typo, a name that somebody else controls, or one that changes its meaning between look and use must not
/// turn the agent into a way into its own network (OWASP, "Server-Side Request Forgery Prevention").
package struct AddressPolicy: Sendable, Equatable {
    /// Whether plain `http` may be used.
    package var allowsInsecure: Bool
    /// Addresses that are let through though they are none of the public internet's.
    package var allowed: [AddressBlock]

    package init(allowsInsecure: Bool = false, allowed: [AddressBlock] = []) {
        self.allowsInsecure = allowsInsecure
        self.allowed = allowed
    }

    /// Special-purpose addresses (IANA registries, RFC 6890), metadata services among the link-local and shared ones.
    private static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32", "::/128", "::1/128", "100::/64", "2001::/23", "2001:db8::/32",
        "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap(AddressBlock.init)

    /// Whether a connection may lead there.
    package func permits(_ address: IPAddress) -> Bool {
        if allowed.contains(where: { $0.contains(address) }) { return true }
        // What an address stands for counts, whatever it is written as.
        if let embedded = address.embedded { return permits(embedded) }
        return !Self.special.contains { $0.contains(address) }
    }

    /// The addresses that a URL's host has now, none of which is forbidden.
    ///
    /// - Throws: `UnsafeAddress`, also where only one of several is forbidden: a name that mixes them is not what it says.
    package func addresses(of url: String, resolver: any AddressResolver) async throws -> [IPAddress] {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
            throw UnsafeAddress("'\(url)' is no address of a receiver")
        }
        guard parts.scheme == "https" || (allowsInsecure && parts.scheme == "http") else {
            throw UnsafeAddress("only https is used: set webhook_allow_insecure to send without encryption")
        }
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let addresses = try await resolver.addresses(of: name)
        guard !addresses.isEmpty else { throw UnsafeAddress("\(name) has no address") }
        if let bad = addresses.first(where: { !permits($0) }) {
            throw UnsafeAddress(
                "\(name) is \(bad.text), which is no address of the public internet: list its block in webhook_allow_cidrs where that is meant"
            )
        }
        return addresses
    }
}

/// Why no connection is made.
package struct UnsafeAddress: Error, Sendable, Equatable {
    package let message: String

    init(_ message: String) {
        self.message = message
    }
}
