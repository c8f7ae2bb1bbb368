import Events
import ObjectStores

/// The pages of a listing, each asked for while the one before it is worked on: so neither the server nor this program
/// waits for the other.
struct ListingPages: Sendable {
    let client: S3Client
    let location: S3Location
    /// The key to start after; nil for all.
    let start: String?
    let time: any TimeSource
    /// Is waited for before each request.
    let waitForRoom: @Sendable () async throws -> Void

    /// Calls `body` with each page, in order, and with the moment at which it was asked for.
    func walk(_ body: (S3Page, Timestamp) async throws -> Void) async throws {
        var page = try await ask(nil)
        while true {
            try Task.checkCancellation()
            let token = page.page.next
            async let next = askIfAny(token)
            try await body(page.page, page.askedAt)
            guard let following = try await next else { return }
            page = following
        }
    }

    private func askIfAny(_ token: String?) async throws -> (page: S3Page, askedAt: Timestamp)? {
        guard let token else { return nil }
        return try await ask(token)
    }

    private func ask(_ token: String?) async throws -> (page: S3Page, askedAt: Timestamp) {
        try await waitForRoom()
        let askedAt = time.now()
        let page = try await client.list(location.bucket, prefix: location.prefix, startAfter: start, token: token)
        return (page, askedAt)
    }
}
