import EventLog
import Events
import Logging
import ObjectStores
import Projections
import Synchronization

extension FetchingStage {
    /// How long a source is left alone.
    private static let sourceWaits = RetryPolicy(base: .seconds(1), cap: .seconds(60), least: .milliseconds(500))

    /// What minds an object's source; nil for folders, whose files fail one by one.
    func breaker(of object: CatalogObject) -> Breaker? {
        guard object.source != "folder" else { return nil }
        return breakers.withLock { breakers in
            let known = breakers[sourceName(of: object)] ?? Breaker(waits: Self.sourceWaits)
            breakers[sourceName(of: object)] = known
            return known
        }
    }

    private func sourceName(of object: CatalogObject) -> String { "\(object.source)://\(object.bucket)" }

    /// Runs a fetch and draws from its end what it says about the source.
    func minding(
        _ object: CatalogObject,
        _ fetch: () async throws -> ObjectFetched
    ) async throws -> ObjectFetched {
        guard let breaker = breaker(of: object) else { return try await fetch() }
        do {
            let fetched = try await fetch()
            try await note(breaker.succeeded(object.id), of: object)
            return fetched
        } catch let error as S3Error where error.code == .cancelled {
            breaker.released(object.id)
            throw CancellationError()
        } catch is CancellationError {
            breaker.released(object.id)
            throw CancellationError()
        } catch {
            let failure = StageFailure(classing: error)
            if error is S3Error, failure.scope == .item {
                // An answer about this object: the source is up.
                try await note(breaker.succeeded(object.id), of: object)
                throw failure
            }
            // Nobody may wait for word of one that has failed to be judged.
            defer { breaker.released(object.id) }
            guard let error = error as? S3Error, !error.concernsOneObject else { throw failure }
            throw try await judge(failure, error, of: object, breaker)
        }
    }

    private func judge(
        _ failure: StageFailure,
        _ error: S3Error,
        of object: CatalogObject,
        _ breaker: Breaker
    ) async throws -> StageFailure {
        if failure.scope == .passing, error.status != 0, breaker.wouldBlameSource(for: object.id),
            try await givesOthers(than: object)
        {
            try await note(breaker.succeeded(object.id), of: object)
            return failure
        }
        switch breaker.failed(object.id, failure, isRefusal: error.isRefusal, now: time.now()) {
        case .ofItem: return failure
        case .ofSource(let until, let isNews, let attempt):
            if isNews { try await tell(failure, of: object, until: until, attempt: attempt) }
            return StageFailure(.source, failure.reason, failure.message)
        }
    }

    /// Whether the source gives what it gave before: then what it says of an object is that object's own matter.
    ///
    /// Credentials may be let at some objects and not at others, whose owner or key is another.
    private func givesOthers(than object: CatalogObject) async throws -> Bool {
        guard let store = stores[object.source] else { return false }
        let known = try await catalog.fetched(from: object.source, object.bucket, but: object.id, limit: 3)
        for other in known {
            do {
                try await store.ask(for: WantedObject(other))
                return true
            } catch let error as S3Error where error.code == .cancelled {
                throw CancellationError()
            } catch let error as S3Error where error.concernsOneObject {
                // Only who may read it is told that it is another by now, or gone.
                return true
            } catch is S3Error {}
        }
        return false
    }

    /// Tells that a source is back, where it was away.
    private func note(_ what: Breaker.Return, of object: CatalogObject) async throws {
        guard case .isBack(let wasTold) = what else { return }
        logger.notice("A source is back.", metadata: ["source": "\(sourceName(of: object))"])
        if wasTold { try await tellReturn(of: object) }
    }

    /// Records that a source is left alone, once for each reason.
    private func tell(
        _ failure: StageFailure,
        of object: CatalogObject,
        until: Timestamp,
        attempt: Int
    ) async throws {
        let source = sourceName(of: object)
        logger.error(
            "A source is left alone for now.",
            metadata: ["source": "\(source)", "reason": "\(failure.reason)", "message": "\(failure.message)"]
        )
        let event = StageFailed(
            stage: "\(name) \(source)",
            item: nil,
            attempt: attempt,
            reason: failure.reason,
            message: failure.message,
            nextAttemptAt: until
        )
        try await log.append([ProposedEvent(event, stream: .agent)])
    }

    private func tellReturn(of object: CatalogObject) async throws {
        try await log.append([
            ProposedEvent(StageResumed(stage: "\(name) \(sourceName(of: object))"), stream: .agent)
        ])
    }
}
