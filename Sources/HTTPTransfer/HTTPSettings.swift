/// How a client connects, how long it waits and how much it holds.
package struct HTTPSettings: Sendable, Equatable {
    /// Time for name lookup, TCP and TLS together.
    package var connectTimeout: Duration
    /// Time without a byte in either direction once connected; time in which a stream's reader is behind does not count.
    package var idleTimeout: Duration
    /// Time for the whole transfer of `send`, connecting included; a stream has no such limit unless its request sets one.
    package var totalTimeout: Duration
    /// The number of body bytes that `send` keeps; the transfer ends there.
    package var bodyLimit: Int
    /// The number of body bytes that are held for a stream's reader; the transfer pauses there.
    package var streamBuffer: Int
    /// A PEM file of trusted roots in place of the system's.
    package var caBundle: String?
    package var userAgent: String
    /// Transfers to one scheme, host and port at a time; further requests wait their turn.
    package var connectionsPerHost: Int
    /// Whether `http_proxy`, `https_proxy` and `no_proxy` of the environment are obeyed.
    package var usesEnvironmentProxy: Bool
    /// Whether HTTP/2 is used where a server offers it over TLS.
    package var http2: Bool
    /// How many redirects a GET or HEAD follows.
    ///
    /// They lead to `http` and `https` only, and the request fails beyond them. With 0 the redirect itself is the answer.
    package var maxRedirects: Int

    package init(
        connectTimeout: Duration = .seconds(10),
        idleTimeout: Duration = .seconds(30),
        totalTimeout: Duration = .seconds(30),
        bodyLimit: Int = 1 << 20,
        streamBuffer: Int = 1 << 20,
        caBundle: String? = nil,
        userAgent: String = "swathlog",
        connectionsPerHost: Int = 16,
        usesEnvironmentProxy: Bool = true,
        http2: Bool = true,
        maxRedirects: Int = 0
    ) {
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
        self.bodyLimit = bodyLimit
        self.streamBuffer = streamBuffer
        self.caBundle = caBundle
        self.userAgent = userAgent
        self.connectionsPerHost = connectionsPerHost
        self.usesEnvironmentProxy = usesEnvironmentProxy
        self.http2 = http2
        self.maxRedirects = maxRedirects
    }
}
