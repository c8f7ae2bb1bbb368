import HTTPTypes
import Hummingbird
import NIOCore

/// Who may ask for what.
///
/// A read needs a token as soon as one for reading or operating is set. Where none is, this machine alone may read: a
/// connection over loopback, under a name of loopback, that no proxy says to have passed on. A page of another site that
/// has its own name resolve to 127.0.0.1 asks under that name, and is refused.
struct Access: Sendable {
    enum Scope: String, Sendable {
        /// Asked for by nobody: health.
        case open
        /// Pushing observations.
        case push
        case read
        /// Reading, pushing, and what changes the course of things.
        case operate
    }

    let settings: ServerSettings

    /// - Throws: `token-required`, `scope-insufficient`.
    func check(_ scope: Scope, _ request: Request, _ context: ServerContext) throws(Problem) {
        switch scope {
        case .open: return
        case .push:
            guard settings.token != nil || settings.operateToken != nil else {
                throw Problem(.tokenRequired, "pushes are refused: no token is set")
            }
            guard proves(settings.token, request) || proves(settings.operateToken, request) else {
                throw missing(request)
            }
        case .read:
            guard settings.readToken != nil || settings.operateToken != nil else {
                guard Self.isLocal(request, context) else {
                    throw Problem(.tokenRequired, "from other machines nothing can be read: no http_read_token is set")
                }
                return
            }
            guard proves(settings.readToken, request) || proves(settings.operateToken, request) else {
                throw missing(request)
            }
        case .operate:
            guard settings.operateToken != nil else {
                throw Problem(.tokenRequired, "nothing can be changed: no http_operate_token is set")
            }
            guard proves(settings.operateToken, request) else { throw missing(request) }
        }
    }

    private func proves(_ token: ServerToken?, _ request: Request) -> Bool {
        guard let token, let header = request.headers[.authorization] else { return false }
        return token.isProved(by: header)
    }

    /// A token that is good for something else is another thing than none.
    private func missing(_ request: Request) -> Problem {
        if [settings.token, settings.readToken].contains(where: { proves($0, request) }) {
            return Problem(.scopeInsufficient, "this token is not for that: send one of another scope")
        }
        return Problem(.tokenRequired, "the token is missing or wrong: send Authorization: Bearer TOKEN")
    }

    private static func isLocal(_ request: Request, _ context: ServerContext) -> Bool {
        let passedOn = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].compactMap { HTTPField.Name($0) }
        guard let peer = context.channel.remoteAddress, isLoopback(peer),
            passedOn.allSatisfy({ request.headers[$0] == nil })
        else { return false }
        return isLoopbackName(request.head.authority ?? "")
    }

    private static func isLoopback(_ address: SocketAddress) -> Bool {
        guard let text = address.ipAddress else { return false }
        return text == "::1" || text.hasPrefix("127.") || text.hasPrefix("::ffff:127.")
    }

    /// Whether a host and port name loopback.
    private static func isLoopbackName(_ authority: String) -> Bool {
        var host = authority.lowercased()
        if let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber) {
            host = String(host[..<colon])
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } && parts[0] == "127"
        return host == "localhost" || host == "[::1]" || isIPv4
    }
}
