import EventLog
import Events
import Foundation
import Logging
import Projections
import Stages

extension Agent {
    /// Says who took the store, and adopts the recipe where it is another than before.
    ///
    /// - Parameters:
    ///   - given: the settings of the recipe that are not the store's own.
    ///   - previousStart: the position of the start before; 0 for none.
    static func announce(
        _ log: EventLog,
        _ catalog: CatalogReader,
        _ settings: Settings,
        _ policy: CommitPolicy,
        given: [String: String],
        mode: String,
        _ previousStart: Int,
        _ logger: Logger
    ) async throws {
        let before = try await log.event(at: previousStart).map { try $0.decode(AgentStarted.self) }
        let isReprocessing = mode == "reprocess"
        // Who only commits or derives anew what is there changes nothing of how tiles are made.
        let makesTiles = !isReprocessing && mode != CommitCommand.mode
        let started = AgentStarted(
            version: version,
            engineRevision: settings.recipe.engineRevision,
            host: host,
            pid: Int(ProcessInfo.processInfo.processIdentifier),
            mode: mode,
            maxPixels: settings.maxPixels,
            partition: mode == CommitCommand.mode ? nil : settings.partition.text,
            recipeSettings: makesTiles ? given : before?.recipeSettings,
            datasetRepository: settings.datasetRepository,
            commitPolicy: policy.mode.rawValue
        )
        var events = [ProposedEvent(started, stream: .agent)]
        if makesTiles, try await catalog.currentRecipe() != settings.recipe {
            let coming = try await catalog.recipeToCome()
            let isNews =
                before?.recipeSettings != given || coming?.engineRevision != settings.recipe.engineRevision
            if coming == settings.recipe || !isNews {
                tellOfOtherRecipe(coming, settings.recipe, logger)
            } else {
                events += try await adopt(settings.recipe, catalog, logger)
            }
        }
        if !isReprocessing { events += try await endpointChanges(catalog, settings.endpoints) }
        try await log.append(events)
    }

    /// The events that make a recipe the store's; what was asked for before is not to be any more.
    private static func adopt(
        _ recipe: Recipe,
        _ catalog: CatalogReader,
        _ logger: Logger
    ) async throws -> [ProposedEvent] {
        if let before = try await catalog.currentRecipe(), before.engineRevision != recipe.engineRevision {
            logger.notice(
                "The imaging engine is another, which is a change of the recipe: tiles are made anew.",
                metadata: ["before": "\(before.engineRevision)", "now": "\(recipe.engineRevision)"]
            )
        }
        let cancelled = try await catalog.generations().filter(\.isPending).map {
            ProposedEvent(ReprocessCancelled(reason: "recipe-adopted"), stream: .generation($0.id))
        }
        return cancelled + [ProposedEvent(RecipeAdopted(recipe: recipe), stream: .recipe, cause: .earlier(0))]
    }

    /// Says that settings which were given are not those that the store follows.
    private static func tellOfOtherRecipe(_ coming: Recipe?, _ asked: Recipe, _ logger: Logger) {
        guard let coming, coming != asked else { return }
        logger.warning(
            "The settings ask for another recipe than the one that the store was given since: that one stands. `swathlog reprocess` goes back.",
            metadata: ["settings": "\(asked.digest)", "store": "\(coming.digest)"]
        )
    }

    /// What the settings change of who is told of what.
    ///
    /// An endpoint that answered 410 stays disabled until it is another.
    ///
    /// - Parameter changed: names of those of which something changed that the log does not know, as a secret.
    static func endpointChanges(
        _ catalog: CatalogReader,
        _ endpoints: [Endpoint],
        changed: Set<String> = []
    ) async throws -> [ProposedEvent] {
        let known = Dictionary(uniqueKeysWithValues: try await catalog.endpoints().map { ($0.name, $0) })
        let adopted = endpoints.filter { endpoint in
            guard let before = known[endpoint.name] else { return true }
            let isSame =
                before.place == endpoint.adopted.place && before.filter == endpoint.filter
                && !changed.contains(endpoint.name)
            return !isSame || before.state == "not-configured"
        }
        let gone = known.values.filter { before in
            before.state == "enabled" && !endpoints.contains { $0.name == before.name }
        }
        return adopted.map { ProposedEvent($0.adopted, stream: .endpoint($0.name)) }
            + gone.map(\.name).sorted().map {
                ProposedEvent(EndpointDisabled(name: $0, reason: "not-configured"), stream: .endpoint($0))
            }
    }
}
