import Events
import Imaging
import Projections

/// Says by the settings alone which tiles a recipe would make of an image, beside those that another made.
struct TileForecast {
    private let old: TilingSettings?
    private let new: TilingSettings
    /// Whether a window that both cut in the same way gives the same bytes.
    private let keepsBytes: Bool
    /// Whether both leave out the same tiles.
    private let keepsBlanks: Bool
    /// The share of tiles that the new recipe is expected to leave out as blank.
    private let blankShare: Double

    /// Settings that say which windows are cut, and not what becomes of one.
    private static let geometry: Set<String> = [
        "tile_size", "tile_overlap", "tile_edge", "skip_blank", "augment", "variants", "plain_tiles",
    ]

    /// - Parameter before: the recipe of the tiles that are there; nil for none.
    init(from before: Recipe?, to after: Recipe, blankShare: Double) throws(ImagingError) {
        new = try TilingSettings(values: after.settings)
        // An engine of another day may have known other settings: then nothing is taken for the same.
        old = before.flatMap { try? TilingSettings(values: $0.settings) }
        func pixels(_ recipe: Recipe) -> [String: String] {
            recipe.settings.filter { !Self.geometry.contains($0.key) }
        }
        keepsBytes = before.map { $0.engineRevision == after.engineRevision && pixels($0) == pixels(after) } ?? false
        keepsBlanks = before?.settings["skip_blank"] == after.settings["skip_blank"]
        self.blankShare = blankShare
    }

    /// Whether all the tiles that the old recipe plans of an image are there, so that their names are known.
    func isComplete(_ size: (width: Int, height: Int), tiles: Int) -> Bool {
        guard let old, let plan = try? TilePlan(width: size.width, height: size.height, settings: old) else {
            return tiles == 0
        }
        return plan.count * Self.variants(old).count == tiles
    }

    /// - Parameters:
    ///   - names: of the tiles that are there; nil when they are all that the old recipe plans.
    func difference(width: Int, height: Int, names: Set<String>?) throws -> TileDifference {
        let before = try old.map { try TilePlan(width: width, height: height, settings: $0) }
        let after = try TilePlan(width: width, height: height, settings: new)
        var present = names ?? []
        if names == nil, let before, let old { present = Self.names(before, old) }
        let variants = Self.variants(new)
        var found = TileDifference()
        var blank = 0.0
        for window in after.windows {
            for variant in variants {
                let name = Self.name(window, variant, new)
                let isSame = variant == 0 && isSame(window, in: before)
                if isSame, keepsBlanks, new.blank != nil, !present.contains(name) { continue }
                if !(isSame && keepsBlanks) { blank += blankShare }
                if !present.contains(name) {
                    found.added += 1
                } else if isSame {
                    found.kept += 1
                } else {
                    found.replaced += 1
                }
            }
        }
        found.removed = present.count - found.kept - found.replaced
        // Which ones they are is not known before they are cut: of those that are new.
        found.added -= min(found.added, Int(blank.rounded()))
        return found
    }

    private static func names(_ plan: TilePlan, _ settings: TilingSettings) -> Set<String> {
        Set(
            plan.windows.flatMap { window in
                variants(settings).map { name(window, $0, settings) }
            }
        )
    }

    private static func name(_ window: TileWindow, _ variant: Int, _ settings: TilingSettings) -> String {
        let name = TileName(
            row: window.row,
            column: window.column,
            variant: variant,
            fileExtension: settings.encoding.fileExtension
        )
        return name.text
    }

    private static func variants(_ settings: TilingSettings) -> [Int] {
        guard !settings.augmentation.isEmpty, settings.variants > 0 else { return [0] }
        return (settings.keepsPlain ? [0] : []) + Array(1...settings.variants)
    }

    /// Whether the old recipe cut the same window, and with it the same bytes.
    private func isSame(_ window: TileWindow, in before: TilePlan?) -> Bool {
        guard keepsBytes, let before, let old, window.row < before.rows, window.column < before.columns else {
            return false
        }
        let other = before.window(row: window.row, column: window.column)
        let isPadded = window.validWidth < window.width || window.validHeight < window.height
        return other == window && (!isPadded || old.edge == new.edge)
    }
}
