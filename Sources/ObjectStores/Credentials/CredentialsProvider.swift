package import Events

/// One place that credentials may come from.
package protocol CredentialsSource: Sendable {
    /// What a person calls the place, for the message that says where credentials were looked for.
    var name: String { get }
    /// Loads credentials; nil where this place is not set up at all, an error where it is and does not deliver.
    func load() async throws(S3Error) -> Credentials?
}

/// Keeps credentials fresh: loads them from the first place that has some, and again before they expire.
///
/// However many requests wait for them, the place is asked once.
package actor CredentialsProvider {
    /// How long before their end credentials are renewed.
    static let margin = Duration.seconds(300)
    /// How long a renewal that failed is not tried again while the old credentials are good.
    private static let pause = Duration.seconds(30)

    private let sources: [any CredentialsSource]
    private let time: any TimeSource
    private var kept: Credentials?
    private var isLoading = false
    private var waiters: [CheckedContinuation<Result<Credentials, S3Error>?, Never>] = []
    private var nextRenewal: Timestamp?

    package init(sources: [any CredentialsSource], time: any TimeSource = SystemTime()) {
        self.sources = sources
        self.time = time
    }

    /// Credentials that are good now.
    package func credentials() async throws(S3Error) -> Credentials {
        while true {
            if let kept, isFresh(kept) { return kept }
            if let outcome = isLoading ? await theirOutcome() : await renew() { return try outcome.get() }
            // Whoever was loading gave up because its task was cancelled; that is no answer for the others.
            if Task.isCancelled { throw S3Error(.cancelled, "the request was cancelled") }
        }
    }

    /// Forgets credentials that a server refused, unless they have been renewed meanwhile.
    package func invalidate(_ refused: Credentials) {
        if kept == refused { kept = nil }
    }

    private func isFresh(_ credentials: Credentials) -> Bool {
        guard let expires = credentials.expires else { return true }
        let now = time.now()
        if now + Self.margin < expires { return true }
        // Lent for less than the margin, or not renewable right now: used until shortly before their end.
        if let nextRenewal, now < nextRenewal, now + .seconds(5) < expires { return true }
        return false
    }

    private func theirOutcome() async -> Result<Credentials, S3Error>? {
        await withCheckedContinuation { waiters.append($0) }
    }

    /// nil where the task was cancelled meanwhile.
    private func renew() async -> Result<Credentials, S3Error>? {
        isLoading = true
        var outcome: Result<Credentials, S3Error>? = await load()
        isLoading = false
        nextRenewal = time.now() + Self.pause
        switch outcome {
        case .success(let credentials): kept = credentials
        case .failure where kept.map(isFresh) == true: outcome = kept.map { .success($0) }
        case .failure where Task.isCancelled: outcome = nil
        case .failure, nil: break
        }
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume(returning: outcome) }
        return outcome
    }

    private func load() async -> Result<Credentials, S3Error> {
        do {
            for source in sources {
                if let credentials = try await source.load() { return .success(credentials) }
            }
        } catch {
            return .failure(error)
        }
        let places = sources.map(\.name).joined(separator: ", ")
        return .failure(
            S3Error(
                .noCredentials,
                "no credentials in any of these: \(places); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or ask for anonymous access"
            )
        )
    }
}
