/// How long one request may take; what is nil is as the client's settings say.
package struct HTTPTimeouts: Sendable, Equatable {
    /// Time for name lookup, TCP and TLS together.
    package var connect: Duration?
    /// Time without a byte in either direction once connected; time in which a stream's reader is behind does not count.
    package var idle: Duration?
    /// Time for the whole transfer, connecting included; a stream has no such limit unless it is set here.
    package var total: Duration?

    package init(connect: Duration? = nil, idle: Duration? = nil, total: Duration? = nil) {
        self.connect = connect
        self.idle = idle
        self.total = total
    }
}
