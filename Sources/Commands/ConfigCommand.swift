import ArgumentParser
import EventLog
import Events
import Files
import Projections
import Stages

struct ConfigCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the effective settings, and where each came from.",
        discussion: "What each means is in --reference. Exit codes: 0, or 78 when a setting is wrong."
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var pipeline: PipelineOptions

    @Flag(name: .long, help: "Print what every setting means, as a Markdown table: name, variable, default, values.")
    var reference = false

    func validate() throws {
        guard !reference || !options.json else {
            throw ValidationError("--reference prints Markdown: leave --json out, or --reference for values as JSON")
        }
    }

    func execute() async throws {
        if reference { return Terminal.print(SettingKey.reference) }
        var layers = try await options.layers(pipeline.flags)
        let paths = try StorePaths(layers)
        if try fileInfo(paths.log) != nil {
            layers.recipe = try await StoreReader.open(paths).catalog.rememberedSettings()
        }
        _ = try Settings(layers, cores: 1)
        Terminal.print(options.json ? try json(layers).text : try text(layers))
    }

    private func shown(_ key: SettingKey, _ layers: SettingLayers) throws -> (value: String?, origin: String) {
        guard let found = try layers.find(key) else { return (nil, "not set") }
        return (key.isSecret ? "<redacted>" : found.value, found.origin)
    }

    private func json(_ layers: SettingLayers) throws -> CanonicalJSON {
        var json = CanonicalJSON()
        for key in SettingKey.allCases {
            let (value, origin) = try shown(key, layers)
            json.set(
                key.rawValue,
                CanonicalJSON {
                    $0.set("value", value)
                    $0.set("origin", origin)
                }
            )
        }
        return json
    }

    private func text(_ layers: SettingLayers) throws -> String {
        var table = Table()
        for key in SettingKey.allCases {
            let (value, origin) = try shown(key, layers)
            table.add(key.rawValue, value ?? "-", origin)
        }
        return table.text
    }
}
