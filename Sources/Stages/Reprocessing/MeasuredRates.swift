import Events
import Imaging
import Projections

/// What cutting takes and gives in this store, as its own derivations say it: best those under the recipe in question, else
/// those that write files of the same kind, else all.
struct MeasuredRates {
    /// Source pixels a second of one image that is being cut; nil before anything was cut.
    let pixelsPerSecond: Double?
    /// Whether they were measured under the recipe itself.
    let isOfRecipe: Bool
    /// Bytes of a tile of the recipe.
    let bytesPerTile: Double
    /// The share of tiles that are left out as blank; nil when the recipe leaves out some, and nothing is known of how many.
    let blankShare: Double?

    /// Settings that say how many bytes a pixel of a tile takes.
    private static let encoding = [
        "tile_format", "sample_type", "normalise", "png_compression", "jpeg_quality", "jpeg_subsampling", "alpha",
    ]

    init(_ figures: [RecipeFigures], for recipe: Recipe) {
        let own = figures.filter { $0.recipe == recipe }
        let alike = figures.filter { other in
            Self.encoding.allSatisfy { other.recipe.settings[$0] == recipe.settings[$0] }
        }
        let nearest = [own, alike, figures].first { !$0.isEmpty } ?? []
        let seconds = nearest.reduce(0) { $0 + $1.seconds }
        pixelsPerSecond = seconds > 0 ? Double(nearest.reduce(0) { $0 + $1.pixels }) / seconds : nil
        isOfRecipe = !own.isEmpty
        let area = Self.area(recipe)
        let pixels = nearest.reduce(0.0) { $0 + Double($1.tiles) * Self.area($1.recipe) }
        let bytes = nearest.reduce(0.0) { $0 + Double($1.tileBytes) }
        // Three bytes a pixel, of which a lossless format keeps most, where nothing else is known.
        bytesPerTile = area * (pixels > 0 ? bytes / pixels : 3)
        blankShare = Self.blankShare(figures, recipe)
    }

    /// Pixels of a tile.
    private static func area(_ recipe: Recipe) -> Double {
        guard let settings = try? TilingSettings(values: recipe.settings) else { return 1 }
        return Double(settings.tileWidth * settings.tileHeight)
    }

    private static func blankShare(_ figures: [RecipeFigures], _ recipe: Recipe) -> Double? {
        guard let rule = recipe.settings["skip_blank"], rule != "none" else { return 0 }
        let same = figures.filter { $0.recipe.settings["skip_blank"] == rule }
        let (skipped, made) = (same.reduce(0) { $0 + $1.skipped }, same.reduce(0) { $0 + $1.tiles })
        return skipped + made > 0 ? Double(skipped) / Double(skipped + made) : nil
    }
}
