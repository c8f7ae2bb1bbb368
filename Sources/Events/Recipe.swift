/// Every setting that can change the bytes of a tile; its digest is part of each derivation's id.
///
/// All defaults are written out in the canonical text, so that a new default never changes an old recipe.
package struct Recipe: Sendable, Equatable {
    /// Revision of the imaging engine; raised when the same settings would give other bytes.
    package var engineRevision: Int
    /// Tile width and height in pixels.
    package var tileSize: Int
    /// Pixels that neighbouring tiles share on each axis.
    package var tileOverlap: Int
    /// `png` or `jpeg`.
    package var tileFormat: String
    /// JPEG quality, 1 to 100; nil for PNG.
    package var jpegQuality: Int?

    package init(engineRevision: Int, tileSize: Int, tileOverlap: Int, tileFormat: String, jpegQuality: Int?) {
        self.engineRevision = engineRevision
        self.tileSize = tileSize
        self.tileOverlap = tileOverlap
        self.tileFormat = tileFormat
        self.jpegQuality = jpegQuality
    }

    package init(from json: JSONObject) throws(EventError) {
        engineRevision = try json.int("engine_revision")
        tileSize = try json.int("tile_size")
        tileOverlap = try json.int("tile_overlap")
        tileFormat = try json.string("tile_format")
        jpegQuality = try json.optionalInt("jpeg_quality")
    }

    /// The canonical form that the digest is taken over.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("edge", "shift")
            $0.set("engine_revision", engineRevision)
            $0.set("jpeg_quality", jpegQuality)
            $0.set("orientation", "applied")
            $0.set("tile_format", tileFormat)
            $0.set("tile_overlap", tileOverlap)
            $0.set("tile_size", tileSize)
        }
    }

    /// SHA-256 of the canonical form.
    package var digest: Digest { Digest(of: json.bytes) }
}
