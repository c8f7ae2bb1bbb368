package import Events

/// How long to wait before something that failed is tried again: longer each time, at random, and never less than the
/// server asked for.
package struct S3Backoff {
    let longest: Duration
    package private(set) var failures = 0

    package init(longest: Duration) {
        self.longest = longest
    }

    /// Begins anew, since something has succeeded.
    package mutating func reset() {
        failures = 0
    }

    /// Waits; throws the failure itself where the server wants to be left alone for longer than anybody waits here.
    package mutating func pause(after failure: S3Error, _ time: any TimeSource) async throws(S3Error) {
        failures += 1
        if let wanted = failure.retryAfter, wanted > longest { throw failure }
        // "Full jitter": anything between nothing and the exponential limit.
        let limit = min(longest, .milliseconds(50 << min(failures, 12)))
        let wait = max(failure.retryAfter ?? .zero, .microseconds(Int64.random(in: 0...limit.microseconds)))
        do {
            try await time.sleep(until: time.now() + wait)
        } catch {
            throw S3Error(.cancelled, "the task was cancelled while it waited for another attempt")
        }
    }
}
