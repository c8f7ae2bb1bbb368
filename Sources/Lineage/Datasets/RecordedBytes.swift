import DVC
import Events
import Files
import Projections
import Stages

/// Finds the recorded bytes of an object at another place, or makes them again.
final class RecordedBytes {
    private let catalog: CatalogReader
    private let cache: DVCCache
    private let remotes: [(url: String, remote: any CheckedRemote)]
    private let rederivation: Rederivation
    /// Where derivations are made again.
    private let scratch: DVCCache
    /// The derivations that were made again, and why some could not be.
    private var made: [String: String?] = [:]

    init(
        catalog: CatalogReader,
        cache: DVCCache,
        remotes: [(url: String, remote: any CheckedRemote)],
        rederivation: Rederivation,
        scratch: DVCCache
    ) {
        self.catalog = catalog
        self.cache = cache
        self.remotes = remotes
        self.rederivation = rederivation
        self.scratch = scratch
    }

    /// What was found: bytes that have the recorded digests, and where they are from; or why there are none.
    enum Found {
        case bytes([UInt8], source: String)
        case none(why: String)
    }

    /// Looks where it costs least first: in the cache, in what the log says of a manifest, on the remotes; then the tile is
    /// cut again from its original, which is fetched again where it is not kept.
    func find(_ object: DatasetObjects.Object, notAt place: String) async throws -> Found {
        let expected = object.expected
        if place != ArtifactDamaged.cachePlace, let bytes = try cache.read(expected) {
            return .bytes(bytes, source: ArtifactDamaged.cachePlace)
        }
        if object.kind == .manifest {
            let finder = ManifestFinder(cache: cache, catalog: catalog)
            if let bytes = try await finder.recorded(expected.id) { return .bytes(bytes, source: "log") }
        }
        var problems: [String] = []
        for (url, remote) in remotes where url != place {
            do {
                if let bytes = try await remote.read(expected) { return .bytes(bytes, source: url) }
                problems.append("\(url) has not the recorded bytes either")
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                problems.append("\(url) cannot be asked: \(error)")
            }
        }
        guard object.kind != .manifest else { return .none(why: problems.joined(separator: "; ")) }
        for id in try await catalog.derivations(making: expected.id) {
            if let problem = try await make(id) {
                problems.append(problem)
            } else if let bytes = try scratch.read(expected) {
                return .bytes(bytes, source: "derivation")
            } else {
                problems.append("deriving it again gives other bytes: it was made by another version of this program")
            }
        }
        return .none(why: problems.isEmpty ? "no derivation makes it" : problems.joined(separator: "; "))
    }

    /// Makes a derivation once; returns why that can't be done.
    private func make(_ id: String) async throws -> String? {
        if let known = made[id] { return known }
        let problem = try await attempt(id)
        made[id] = .some(problem)
        return problem
    }

    private func attempt(_ id: String) async throws -> String? {
        guard let derivation = try await catalog.derivation(id) else { return "the catalog has no derivation \(id)" }
        let objects = try await catalog.objects(holding: derivation.content, limit: 100).map(\.object)
        do {
            try await rederivation.make(derivation, of: objects, in: scratch)
            return nil
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return "it cannot be derived again: \((error as? StageFailure)?.message ?? "\(error)")"
        }
    }
}
