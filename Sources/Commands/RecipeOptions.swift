import ArgumentParser

/// The options that say how tiles are made.
struct RecipeOptions: ParsableArguments {
    @Option(name: .long, help: "Tile width and height in pixels: 512, or 640x480.")
    var tileSize: String?

    @Option(name: .long, help: "What neighbouring tiles share, in pixels or per cent: 64, 64x32, 12.5%.")
    var tileOverlap: String?

    @Option(
        name: .long,
        help: "The last tile of a row or column: shift, crop, drop, pad:edge, pad:reflect or pad:LEVEL."
    )
    var tileEdge: String?

    @Option(name: .long, help: "png, jpeg, jpeg-lossless or npy.")
    var tileFormat: String?

    @Option(name: .long, help: "fast, balanced or small.")
    var pngCompression: String?

    @Option(name: .long, help: "Quality of jpeg tiles, 1 to 100.")
    var jpegQuality: String?

    @Option(name: .long, help: "Chroma of jpeg tiles: 4:2:0, 4:2:2 or 4:4:4.")
    var jpegSubsampling: String?

    @Option(name: .long, help: "EXIF's orientation: apply or ignore.")
    var orientation: String?

    @Option(name: .long, help: "Transparency: keep, or flatten:#rrggbb.")
    var alpha: String?

    @Option(name: .long, help: "Samples of a tile: source, u8, u16, f16 or f32.")
    var sampleType: String?

    @Option(
        name: .long,
        help: "none, min-max, percentile:LOW,HIGH or mean-std:MEAN,…/STD,…; the first two also @tile or @image."
    )
    var normalise: String?

    @Option(name: .long, help: "Steps such as 'flip-horizontal p=0.5; rotate degrees=-10..10'.")
    var augment: String?

    @Option(name: .long, help: "Augmented variants of each tile.")
    var variants: String?

    @Option(name: .long, help: "Tiles without augmentation beside the variants: keep or omit.")
    var plainTiles: String?

    @Option(name: .long, help: "Tiles to leave out: none, entropy:BITS or no-data:SHARE[:LEVEL].")
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
