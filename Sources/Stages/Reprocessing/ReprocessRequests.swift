import DVC
package import Events
import Imaging
package import Projections

/// What may be asked for of re-derivations, by a command or over HTTP alike: a plan, that it be done, and its end.
///
/// It only reads; who asks appends the events.
package struct ReprocessRequests: Sendable {
    private let catalog: CatalogReader
    private let planner: ReprocessPlanner

    /// - Parameter workers: threads that make tiles.
    package init(catalog: CatalogReader, paths: StorePaths, workers: Int) {
        self.catalog = catalog
        planner = ReprocessPlanner(
            catalog: catalog,
            paths: paths,
            // A configuration that can't be read has no say in where the cache is.
            cache: try? DVCCache.of(repository: paths.dataset),
            workers: workers
        )
    }

    /// The names of a recipe's settings.
    package static let settingNames = TilingSettings.Name.allCases.map(\.rawValue)

    /// The recipe that these settings ask for; what nobody says is as the store has it, or will have it.
    ///
    /// - Throws: `bad-setting`, `contradicting-settings`.
    package func recipe(_ given: [String: String]) async throws -> Recipe {
        var values = try await catalog.recipeToCome()?.settings ?? [:]
        var checked = TilingSettings()
        for name in TilingSettings.Name.allCases {
            guard let text = given[name.rawValue] else { continue }
            do {
                try checked.set(name, to: text)
            } catch {
                throw ReprocessError(.badSetting, error.message)
            }
            values[name.rawValue] = text
        }
        do {
            return Recipe(
                engineRevision: Imaging.engineRevision,
                settings: try TilingSettings(values: values).values
            )
        } catch {
            throw ReprocessError(.contradiction, error.message)
        }
    }

    /// Says what would be done, and does nothing.
    ///
    /// - Throws: `id-not-found` where the store has no recipe yet, or no such partition.
    package func plan(_ recipe: Recipe, scope: ReprocessScope) async throws -> ReprocessPlan {
        guard try await catalog.currentRecipe() != nil else {
            throw ReprocessError(.notFound, "the store has no recipe yet: ingest into it first")
        }
        let known = try await catalog.partitions().map(\.name)
        for name in scope.partitions where !known.contains(name) {
            throw ReprocessError(
                .notFound,
                "the dataset has no partition '\(name)': it has \(known.joined(separator: ", "))"
            )
        }
        return try await planner.plan(recipe, scope: scope)
    }

    /// What it takes to have a plan done.
    package enum Answer: Sendable {
        /// It is asked for already, and has not ended: as after a command that was stopped, or a request sent twice.
        case pending(CatalogGeneration)
        /// Everything is of this recipe.
        case nothing
        /// This event, on the stream of the generation of that id.
        case request(id: String, ReprocessRequested)
    }

    /// - Throws: `contradicting-settings` where versions of the dataset would mix recipes and nobody said that they may.
    package func request(_ plan: ReprocessPlan, isIncremental: Bool) async throws -> Answer {
        guard plan.split.isEmpty || plan.request.isWhole || isIncremental else {
            throw ReprocessError(
                .contradiction,
                "the objects that are meant are not all of \(plan.split.joined(separator: ", ")), whose versions would mix recipes: say that it is incremental if they may (--incremental), or take whole partitions"
            )
        }
        let generations = try await catalog.generations()
        if let same = generations.first(where: { $0.isPending && $0.asks(plan, isIncremental: isIncremental) }) {
            return .pending(same)
        }
        let isOfNewObjectsOnly =
            plan.request.isWhole && plan.request.partitions.isEmpty && plan.recipe != plan.from
        guard plan.objects > 0 || isOfNewObjectsOnly else { return .nothing }
        let requested = ReprocessRequested(
            recipe: plan.recipe,
            partitions: plan.request.partitions,
            prefix: plan.request.prefix,
            since: plan.request.since,
            isIncremental: isIncremental
        )
        // Who asks for the same at the same time asks for the same generation.
        let id = EventID(
            derivedFrom: "generation",
            requested.digest.description,
            requested.partitions.joined(separator: "\n"),
            requested.prefix ?? "",
            requested.since?.description ?? "",
            String(isIncremental),
            String(generations.last?.requestedPosition ?? 0)
        )
        return .request(id: id.description, requested)
    }

    /// The generation that a cancellation without a name means: the one under way, else the next one.
    ///
    /// - Throws: `id-not-found` where there is none.
    package func generationToCancel() async throws -> CatalogGeneration {
        let pending = try await catalog.generations().filter(\.isPending)
        guard let found = pending.first(where: { $0.state == .deriving }) ?? pending.first else {
            throw ReprocessError(.notFound, "no re-derivation is under way, and none waits")
        }
        return found
    }
}

extension CatalogGeneration {
    /// Whether it is still to be done.
    package var isPending: Bool { [.queued, .deriving].contains(state) }

    fileprivate func asks(_ plan: ReprocessPlan, isIncremental: Bool) -> Bool {
        recipe == plan.recipe.digest && self.isIncremental == isIncremental
            && ReprocessScope(partitions: partitions, prefix: prefix, since: since) == plan.request
    }
}

/// Why a re-derivation can't be planned, asked for or ended.
package struct ReprocessError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case badSetting = "bad-setting"
        case contradiction = "contradicting-settings"
        case notFound = "id-not-found"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
