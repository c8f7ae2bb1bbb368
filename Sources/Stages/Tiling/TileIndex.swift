import Events
import Imaging

/// The `tiles.jsonl` of one derivation: one canonical JSON object a line for each tile, in row-major order.
///
/// It says nothing that does not follow from the source's bytes and the recipe, so it is as reproducible as the tiles.
package struct TileIndex {
    /// The file's name beside the tiles.
    package static let name = "tiles.jsonl"

    /// Whether a file of a partition is an index.
    package static func isOne(_ path: String) -> Bool { path.hasSuffix("/" + name) }

    private let source: Digest
    private let recipe: Digest

    init(source: Digest, recipe: Digest) {
        self.source = source
        self.recipe = recipe
    }

    func bytes(_ tiles: [TileWritten]) -> [UInt8] {
        var out: [UInt8] = []
        for tile in tiles {
            out.append(contentsOf: line(tile).bytes)
            out.append(UInt8(ascii: "\n"))
        }
        return out
    }

    private func line(_ tile: TileWritten) -> CanonicalJSON {
        CanonicalJSON { line in
            tile.encodeTile(into: &line)
            line.set("recipe", recipe)
            line.set("source_sha256", source)
            tile.footprint?.encodeGeoJSON(into: &line)
        }
    }
}
