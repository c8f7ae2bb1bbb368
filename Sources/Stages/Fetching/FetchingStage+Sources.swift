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
            if case .isBack(let wasTold) = breaker.succeeded(object.id) {
                logger.notice("A source is back.", metadata: ["source": "\(sourceName(of: object))"])
                if wasTold { try await tellReturn(of: object) }
            }
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
                breaker.succeeded(object.id)
                throw failure
            }
            let isOfSource = (error as? S3Error).map { !$0.concernsOneObject } ?? false
            throw try await judge(failure, of: object, breaker, isOfSource: isOfSource)
        }
    }

    private func judge(
        _ failure: StageFailure,
        of object: CatalogObject,
        _ breaker: Breaker,
        isOfSource: Bool
    ) async throws -> StageFailure {
        guard isOfSource else {
            breaker.released(object.id)
            return failure
        }
        switch breaker.failed(object.id, failure, now: time.now()) {
        case .ofItem: return failure
        case .ofSource(let until, let isNews, let attempt):
            if isNews { try await tell(failure, of: object, until: until, attempt: attempt) }
            return StageFailure(.source, failure.reason, failure.message)
        }
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
