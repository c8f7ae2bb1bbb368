import EventLog
import Events
import Logging
import Projections
import Stages

extension Agent {
    /// Takes over what may change of a configuration that is read again, and says what may not.
    ///
    /// - Parameter read: reads flags, environment and file.
    func reload(_ read: @Sendable () async throws -> SettingLayers) async {
        do {
            var layers = try await read()
            layers.recipe = try await catalog.rememberedSettings()
            let before = settings.endpoints
            let changes = try live.take(layers, cores: Self.cores)
            output.level = settings.logLevel
            output.mask.take(settings)
            notifying.take(settings.endpoints)
            let changed = settings.endpoints.filter { one in before.contains { $0.name == one.name && $0 != one } }
            try await log.append(
                try await Self.endpointChanges(catalog, settings.endpoints, changed: Set(changed.map(\.name)))
            )
            projector.nudge()
            logger.notice(
                "The configuration was read again.",
                metadata: ["changed": "\(changes.taken.map(\.rawValue).joined(separator: ", "))"]
            )
            guard !changes.refused.isEmpty else { return }
            logger.warning(
                "Some settings changed that take a restart: the old ones hold.",
                metadata: ["settings": "\(changes.refused.map(\.rawValue).joined(separator: ", "))"]
            )
        } catch {
            logger.error("The configuration was not taken over: the old one holds.", error: error)
        }
    }
}
