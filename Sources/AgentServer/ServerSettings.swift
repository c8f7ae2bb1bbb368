/// Where the agent listens, and what it lets in.
package struct ServerSettings: Sendable, Equatable {
    /// The address to listen on: a name or an IPv4 or IPv6 address.
    package var host: String
    /// The port to listen on; 0 for any free one.
    package var port: Int
    /// The secret that pushes must carry; without one every push is refused, whoever sends it.
    package var token: ServerToken?
    /// The longest body of a request, in bytes.
    package var bodyLimit: Int
    /// How long a request may take to arrive, from its head to the last byte of its body.
    package var receiveLimit: Duration
    /// How long the head of a request may take, and how long a connection may lie idle between two.
    package var idleLimit: Duration
    /// How long the intake may take over a push before its sender is told to come back.
    package var answerLimit: Duration
    /// The most connections at once; further ones wait in the kernel's queue.
    package var maximumConnections: Int

    package init(
        host: String = "127.0.0.1",
        port: Int = 8_080,
        token: ServerToken? = nil,
        bodyLimit: Int = 1 << 20,
        receiveLimit: Duration = .seconds(30),
        idleLimit: Duration = .seconds(30),
        answerLimit: Duration = .seconds(60),
        maximumConnections: Int = 256
    ) {
        self.host = host
        self.port = port
        self.token = token
        self.bodyLimit = bodyLimit
        self.receiveLimit = receiveLimit
        self.idleLimit = idleLimit
        self.answerLimit = answerLimit
        self.maximumConnections = maximumConnections
    }
}
