import Logging
import Synchronization

/// The settings of an agent that runs: some may change while it does.
final class LiveSettings: Sendable {
    /// Those that are asked for anew whenever they matter; all others take a restart.
    static let changeable: Set<SettingKey> = [
        .logLevel, .checkpointInterval, .auditInterval, .stallLimit, .endpoints, .webhookURL, .webhookSecret,
    ]

    private struct State {
        var settings: Settings
        var layers: SettingLayers
    }

    /// What the agent was started with, as far as it can't change.
    private let start: SettingLayers
    private let state: Mutex<State>

    init(_ settings: Settings, _ layers: SettingLayers) {
        start = layers.withoutRecipe
        state = Mutex(State(settings: settings, layers: layers))
    }

    var current: Settings { state.withLock { $0.settings } }

    /// What a reading of the configuration has changed.
    struct Changes: Sendable {
        /// What holds from now on.
        var taken: [SettingKey] = []
        /// What would take a restart: the old value holds.
        var refused: [SettingKey] = []
    }

    /// Takes over what may change of new settings.
    ///
    /// - Throws: `SettingsError` where the new ones are wrong; the old ones hold then.
    func take(_ fresh: SettingLayers, cores: Int) throws -> Changes {
        let new = try Settings(fresh, cores: cores)
        // What a re-derivation has adopted is nobody's change of the configuration.
        let written = fresh.withoutRecipe
        return try state.withLock { state in
            var changes = Changes()
            for key in SettingKey.allCases {
                let isChangeable = Self.changeable.contains(key)
                let old = try (isChangeable ? state.layers : start).find(key)?.value
                guard try written.find(key)?.value != old else { continue }
                if isChangeable { changes.taken.append(key) } else { changes.refused.append(key) }
            }
            // A file or a variable of a secret may have changed, and its name stands as it was.
            if state.settings.endpoints != new.endpoints, !changes.taken.contains(.endpoints) {
                changes.taken.append(.endpoints)
            }
            state.settings.logLevel = new.logLevel
            state.settings.checkpointInterval = new.checkpointInterval
            state.settings.auditInterval = new.auditInterval
            state.settings.stallLimit = new.stallLimit
            state.settings.endpoints = new.endpoints
            state.layers = written
            return changes
        }
    }
}

extension SettingLayers {
    /// What flags, environment and file say.
    fileprivate var withoutRecipe: SettingLayers {
        var layers = self
        layers.recipe = [:]
        return layers
    }
}
