/// How a client connects, how long it waits and how much it holds.
package struct HTTPSettings: Sendable, Equatable {
    /// Time for name lookup, TCP and TLS together.
    package var connectTimeout: Duration
    /// Time for the whole transfer, connecting included.
    package var totalTimeout: Duration
    /// The number of body bytes that are kept; the transfer ends there.
    package var bodyLimit: Int
    /// A PEM file of trusted roots in place of the system's.
    package var caBundle: String?
    package var userAgent: String
    /// Transfers to one scheme, host and port at a time; further requests wait their turn.
    package var connectionsPerHost: Int
    /// Whether `http_proxy`, `https_proxy` and `no_proxy` of the environment are obeyed.
    package var usesEnvironmentProxy: Bool

    package init(
        connectTimeout: Duration = .seconds(10),
        totalTimeout: Duration = .seconds(30),
        bodyLimit: Int = 1 << 20,
        caBundle: String? = nil,
        userAgent: String = "swathlog",
        connectionsPerHost: Int = 16,
        usesEnvironmentProxy: Bool = true
    ) {
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.bodyLimit = bodyLimit
        self.caBundle = caBundle
        self.userAgent = userAgent
        self.connectionsPerHost = connectionsPerHost
        self.usesEnvironmentProxy = usesEnvironmentProxy
    }
}
