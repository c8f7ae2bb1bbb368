/// Measures the time without a byte, while bytes may come.
struct IdleWatch {
    let limit: Duration
    /// Nil while connecting, which has its own limit, and while the reader is behind.
    private var last: ContinuousClock.Instant?

    init(limit: Duration) {
        self.limit = limit
    }

    /// When the transfer has been idle for too long, if nothing comes.
    var deadline: ContinuousClock.Instant? {
        last?.advanced(by: limit)
    }

    mutating func start() {
        last = .now
    }

    mutating func stop() {
        last = nil
    }

    mutating func byteMoved() {
        if last != nil { last = .now }
    }
}
