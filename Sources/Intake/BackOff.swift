/// How long to wait after failures: up to twice as long each time, and at random, so that many don't come back at once.
///
/// Source: "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), where this is "full jitter".
package struct BackOff: Sendable, Equatable {
    package var first: Duration
    package var longest: Duration

    package init(first: Duration = .seconds(1), longest: Duration = .seconds(60)) {
        self.first = first
        self.longest = longest
    }

    /// - Parameters:
    ///   - failures: how many came in a row, 1 or more.
    ///   - asked: how long the other side wants to be left alone; it may be longer than `longest`.
    package func pause(after failures: Int, asked: Duration? = nil) -> Duration {
        var random = SystemRandomNumberGenerator()
        return pause(after: failures, asked: asked, using: &random)
    }

    package func pause(
        after failures: Int,
        asked: Duration? = nil,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        var ceiling = min(first, longest)
        for _ in 1..<max(2, min(failures, 64)) where failures > 1 && ceiling < longest { ceiling *= 2 }
        let parts = Double.random(in: 0...1, using: &random)
        let pause = min(ceiling, longest) * parts
        return max(pause, asked ?? .zero)
    }
}
