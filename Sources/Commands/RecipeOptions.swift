import ArgumentParser

/// The options that say how tiles are made.
struct RecipeOptions: ParsableArguments {
    @Option(name: .long, help: .setting(.tileSize))
    var tileSize: String?

    @Option(name: .long, help: .setting(.tileOverlap))
    var tileOverlap: String?

    @Option(name: .long, help: .setting(.tileEdge))
    var tileEdge: String?

    @Option(name: .long, help: .setting(.tileFormat))
    var tileFormat: String?

    @Option(name: .long, help: .setting(.pngCompression))
    var pngCompression: String?

    @Option(name: .long, help: .setting(.jpegQuality))
    var jpegQuality: String?

    @Option(name: .long, help: .setting(.jpegSubsampling))
    var jpegSubsampling: String?

    @Option(name: .long, help: .setting(.orientation))
    var orientation: String?

    @Option(name: .long, help: .setting(.alpha))
    var alpha: String?

    @Option(name: .long, help: .setting(.sampleType))
    var sampleType: String?

    @Option(name: .long, help: .setting(.normalise))
    var normalise: String?

    @Option(name: .long, help: .setting(.augment))
    var augment: String?

    @Option(name: .long, help: .setting(.variants))
    var variants: String?

    @Option(name: .long, help: .setting(.plainTiles))
    var plainTiles: String?

    @Option(name: .long, help: .setting(.skipBlank))
    var skipBlank: String?

    var flags: [SettingKey: String] {
        let given: [(SettingKey, String?)] = [
            (.tileSize, tileSize), (.tileOverlap, tileOverlap), (.tileEdge, tileEdge), (.tileFormat, tileFormat),
            (.pngCompression, pngCompression), (.jpegQuality, jpegQuality), (.jpegSubsampling, jpegSubsampling),
            (.orientation, orientation), (.alpha, alpha), (.sampleType, sampleType), (.normalise, normalise),
            (.augment, augment), (.variants, variants), (.plainTiles, plainTiles), (.skipBlank, skipBlank),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { key, value in value.map { (key, $0) } })
    }
}
