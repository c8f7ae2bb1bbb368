import Threads

#if canImport(Glibc)
import Glibc
#endif

/// What knows the addresses of names.
package protocol AddressResolver: Sendable {
    /// All addresses of a name, or of an address written in any way that the system reads; none where it has none.
    func addresses(of host: String) async throws -> [IPAddress]
}

/// The system's resolver, getaddrinfo(3).
package struct SystemResolver: AddressResolver {
    package init() {}

    package func addresses(of host: String) async throws -> [IPAddress] {
        // It may wait for the network, so it is kept off the cooperative threads.
        try await Blocking.run { Self.lookUp(host) }
    }

    private static func lookUp(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [IPAddress] = []
        var next = first
        while let entry = next {
            if let address = address(entry.pointee), !found.contains(address) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let address = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                var bytes = pointer.pointee.sin_addr
                return IPAddress(bytes: withUnsafeBytes(of: &bytes) { Array($0) })
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                var bytes = pointer.pointee.sin6_addr
                return IPAddress(bytes: withUnsafeBytes(of: &bytes) { Array($0) })
            }
        default: return nil
        }
    }
}
