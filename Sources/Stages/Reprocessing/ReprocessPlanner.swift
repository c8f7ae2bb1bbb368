package import DVC
package import Events
import Files
import Imaging
package import Projections

/// Plans re-derivations: it only reads, and may be asked while an agent runs.
package struct ReprocessPlanner: Sendable {
    private let catalog: CatalogReader
    private let paths: StorePaths
    private let cache: DVCCache?
    /// Images that are cut at once.
    private let parallelism: Int

    /// - Parameters:
    ///   - cache: the dataset's, where tiles that were made before are looked for; nil to take them to be there.
    ///   - workers: threads that make tiles.
    package init(catalog: CatalogReader, paths: StorePaths, cache: DVCCache? = nil, workers: Int) {
        self.catalog = catalog
        self.paths = paths
        self.cache = cache
        parallelism = TilingStage.parallelism(workers: workers)
    }

    /// - Throws: `ImagingError` for a recipe that this program can't read.
    package func plan(_ recipe: Recipe, scope: ReprocessScope) async throws -> ReprocessPlan {
        var plan = ReprocessPlan(from: try await catalog.currentRecipe(), recipe: recipe, scope: scope)
        let measured = MeasuredRates(try await catalog.recipeFigures(), for: recipe)
        plan.blankShare = measured.blankShare
        let all = try await catalog.candidates(under: recipe.digest)
        var chosen: [ReprocessCandidate] = []
        var left: Set<String> = []
        for candidate in all {
            if scope.takes(partition: candidate.partition, key: candidate.key, observedAt: candidate.observedAt) {
                chosen.append(candidate)
            } else {
                left.insert(candidate.partition)
            }
        }
        plan.split = left.intersection(chosen.map(\.partition)).sorted()
        let needed = try await OriginalsNeeded(of: chosen, lost: try await lost(chosen), paths: paths)
        plan.take(needed)
        try await compare(chosen, needed, &plan)
        plan.pixelsPerSecond = measured.pixelsPerSecond.map { $0 * Double(max(1, min(parallelism, plan.toCut))) }
        plan.isMeasured = measured.isOfRecipe
        try await estimateDisk(&plan, measured)
        return plan
    }

    /// The derivations that would be linked, and whose tiles somebody has freed from the cache.
    private func lost(_ candidates: [ReprocessCandidate]) async throws -> Set<Int> {
        guard let cache else { return [] }
        var (seen, lost) = (Set<Int>(), Set<Int>())
        for candidate in candidates where candidate.held?.derivation != candidate.target {
            guard let target = candidate.target, seen.insert(target).inserted else { continue }
            if try await !cache.containsAll(catalog.files(ofDerivation: target)) { lost.insert(target) }
        }
        return lost
    }

    /// Counts what becomes of the tiles of each key.
    private func compare(
        _ candidates: [ReprocessCandidate],
        _ needed: OriginalsNeeded,
        _ plan: inout ReprocessPlan
    ) async throws {
        var forecasts = Forecasts(catalog: catalog, recipe: plan.recipe, blankShare: plan.blankShare ?? 0)
        var partitions: [String: ReprocessPlan.Partition] = [:]
        // What was uploaded since and is not in the dataset takes the place of what is, or turns out to be unusable.
        let held = Set(candidates.lazy.filter { $0.held != nil }.map(\.keyID))
        for candidate in candidates {
            try Task.checkCancellation()
            var partition = partitions[candidate.partition] ?? ReprocessPlan.Partition(name: candidate.partition)
            defer { partitions[candidate.partition] = partition }
            if let held = candidate.held, held.derivation == candidate.target {
                plan.unchanged += 1
                partition.tiles.kept += held.tiles
                continue
            }
            plan.objects += 1
            partition.objects += 1
            if candidate.held == nil, held.contains(candidate.keyID) { continue }
            if needed.isGone(candidate.content) {
                partition.tiles.removed += candidate.held?.tiles ?? 0
                continue
            }
            partition.tiles += try await forecasts.difference(candidate)
        }
        plan.partitions = partitions.values.sorted { $0.name < $1.name }
    }

    private func estimateDisk(_ plan: inout ReprocessPlan, _ measured: MeasuredRates) async throws {
        let share = plan.toCut + plan.toLink == 0 ? 0 : Double(plan.toCut) / Double(plan.toCut + plan.toLink)
        let made = Double(plan.tiles.added + plan.tiles.replaced) * share
        plan.tileBytes = Int(made * measured.bytesPerTile)
        // Where the file system can't link, the work tree has a second copy.
        plan.diskNeeded = 2 * plan.tileBytes + plan.bytesToFetch
        plan.diskFree = try freeBytes(at: paths.root)
    }
}

/// The differences that forecasts say, each worked out once.
private struct Forecasts {
    let catalog: CatalogReader
    let recipe: Recipe
    let blankShare: Double
    private var byRecipe: [Digest?: TileForecast] = [:]
    /// Of images whose tiles are all there, by what makes them alike.
    private var known: [Shape: TileDifference] = [:]

    private struct Shape: Hashable {
        let width: Int
        let height: Int
        let recipe: Digest?
    }

    init(catalog: CatalogReader, recipe: Recipe, blankShare: Double) {
        self.catalog = catalog
        self.recipe = recipe
        self.blankShare = blankShare
    }

    mutating func difference(_ candidate: ReprocessCandidate) async throws -> TileDifference {
        if let target = candidate.target {
            return try await catalog.difference(from: candidate.held?.derivation, to: target)
        }
        guard let size = candidate.size else { return TileDifference() }
        let forecast = try await forecast(from: candidate.held?.recipe)
        guard forecast.isComplete(size, tiles: candidate.held?.tiles ?? 0) else {
            var names: Set<String> = []
            if let held = candidate.held { names = try await catalog.tileNames(of: held.derivation) }
            return try forecast.difference(width: size.width, height: size.height, names: names)
        }
        let shape = Shape(width: size.width, height: size.height, recipe: candidate.held?.recipe)
        if let difference = known[shape] { return difference }
        let difference = try forecast.difference(width: size.width, height: size.height, names: nil)
        known[shape] = difference
        return difference
    }

    private mutating func forecast(from before: Digest?) async throws -> TileForecast {
        if let known = byRecipe[before] { return known }
        var old: Recipe?
        if let before { old = try await catalog.recipe(before) }
        let forecast = try TileForecast(from: old, to: recipe, blankShare: blankShare)
        byRecipe[before] = forecast
        return forecast
    }
}
