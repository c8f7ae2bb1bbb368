/// Where the agent listens, and what it lets in.
package struct ServerSettings: Sendable, Equatable {
    /// The address to listen on: a name or an IPv4 or IPv6 address.
    package var host: String
    /// The port to listen on; 0 for any free one.
    package var port: Int
    /// The secret that pushes must carry; without one every push is refused, whoever sends it.
    package var token: ServerToken?
    /// The secret that reads must carry; without it and the next one, this machine alone may read.
    package var readToken: ServerToken?
    /// The secret of those who may change the course of things; without it nobody may.
    package var operateToken: ServerToken?
    /// Whether the agent is to end where the address is taken.
    package var isRequired: Bool
    /// The longest body of a request, in bytes.
    package var bodyLimit: Int
    /// How long a request may take to arrive, from its head to the last byte of its body.
    package var receiveLimit: Duration
    /// How long the head of a request may take, and how long a connection may lie idle between two.
    package var idleLimit: Duration
    /// How long an answer may take to be made; a push, before its sender is told to come back.
    package var answerLimit: Duration
    /// How long a reader may take nothing of its answer before its connection is closed.
    package var sendLimit: Duration
    /// How long health and metrics may take before they are answered with 503.
    package var healthLimit: Duration
    /// The most connections at once; further ones wait in the kernel's queue.
    package var maximumConnections: Int
    /// The most streams of events at once.
    package var maximumStreams: Int

    package init(
        host: String = "127.0.0.1",
        port: Int = 8_000,
        token: ServerToken? = nil,
        readToken: ServerToken? = nil,
        operateToken: ServerToken? = nil,
        isRequired: Bool = true,
        bodyLimit: Int = 1 << 20,
        receiveLimit: Duration = .seconds(30),
        idleLimit: Duration = .seconds(30),
        answerLimit: Duration = .seconds(60),
        sendLimit: Duration = .seconds(60),
        healthLimit: Duration = .seconds(10),
        maximumConnections: Int = 256,
        maximumStreams: Int = 64
    ) {
        self.host = host
        self.port = port
        self.token = token
        self.readToken = readToken
        self.operateToken = operateToken
        self.isRequired = isRequired
        self.bodyLimit = bodyLimit
        self.receiveLimit = receiveLimit
        self.idleLimit = idleLimit
        self.answerLimit = answerLimit
        self.sendLimit = sendLimit
        self.healthLimit = healthLimit
        self.maximumConnections = maximumConnections
        self.maximumStreams = maximumStreams
    }
}
