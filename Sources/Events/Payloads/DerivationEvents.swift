/// These settings make the tiles from here on.
package struct RecipeAdopted: EventPayload {
    package static let type = EventType.recipeAdopted

    package let recipe: Recipe
    package let digest: Digest

    package init(recipe: Recipe) {
        self.recipe = recipe
        digest = recipe.digest
    }

    package init(from json: JSONObject) throws(EventError) {
        recipe = try Recipe(from: try json.object("recipe"))
        digest = try json.digest("digest")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("recipe", recipe.json)
        json.set("digest", digest)
    }
}

/// Tiles of one content under one recipe are about to be made (the intent; `DerivationCompleted` is the receipt).
package struct DerivationStarted: EventPayload {
    package static let type = EventType.derivationStarted

    /// The object whose fetch led to it; other objects may hold the same content.
    package let object: String
    package let sourceSHA256: Digest
    package let recipe: Digest
    package let engineRevision: Int
    package let host: String

    package init(object: String, sourceSHA256: Digest, recipe: Digest, engineRevision: Int, host: String) {
        self.object = object
        self.sourceSHA256 = sourceSHA256
        self.recipe = recipe
        self.engineRevision = engineRevision
        self.host = host
    }

    package init(from json: JSONObject) throws(EventError) {
        object = try json.string("object")
        sourceSHA256 = try json.digest("source_sha256")
        recipe = try json.digest("recipe")
        engineRevision = try json.int("engine_revision")
        host = try json.string("host")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("object", object)
        json.set("source_sha256", sourceSHA256)
        json.set("recipe", recipe)
        json.set("engine_revision", engineRevision)
        json.set("host", host)
    }
}

/// One tile is in the DVC cache, its bytes on disk.
package struct TileWritten: EventPayload {
    package static let type = EventType.tileWritten

    /// File name inside the object's directory of the dataset: `<row>_<col>.<ext>`.
    package let name: String
    package let row: Int
    package let column: Int
    /// The window in upright source pixels.
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int
    /// Maps a tile's pixel to the stored pixel: (a·x + b·y + c, d·x + e·y + f) for [a, b, c, d, e, f].
    package let affine: [Int]
    /// Size of the file in bytes.
    package let bytes: Int
    package let sha256: Digest
    /// 32 hexadecimal digits; the tile's name in the DVC cache.
    package let md5: String
    /// The ground that it shows: a closed ring of [longitude, latitude] in degrees; empty when it is not known.
    package let footprint: [[Double]]

    package init(
        name: String,
        row: Int,
        column: Int,
        x: Int,
        y: Int,
        width: Int,
        height: Int,
        affine: [Int],
        bytes: Int,
        sha256: Digest,
        md5: String,
        footprint: [[Double]]
    ) {
        self.name = name
        self.row = row
        self.column = column
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.affine = affine
        self.bytes = bytes
        self.sha256 = sha256
        self.md5 = md5
        self.footprint = footprint
    }

    package init(from json: JSONObject) throws(EventError) {
        name = try json.string("name")
        row = try json.int("row")
        column = try json.int("col")
        let window = try json.object("window")
        x = try window.int("x")
        y = try window.int("y")
        width = try window.int("width")
        height = try window.int("height")
        affine = try json.ints("affine")
        bytes = try json.int("bytes")
        sha256 = try json.digest("sha256")
        md5 = try json.string("md5")
        footprint = try json.pairs("footprint")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("name", name)
        json.set("row", row)
        json.set("col", column)
        json.set(
            "window",
            CanonicalJSON {
                $0.set("x", x)
                $0.set("y", y)
                $0.set("width", width)
                $0.set("height", height)
            }
        )
        json.set("affine", affine)
        json.set("bytes", bytes)
        json.set("sha256", sha256)
        json.set("md5", md5)
        if !footprint.isEmpty { json.set("footprint", footprint) }
    }
}

/// All tiles of one content under one recipe are made.
package struct DerivationCompleted: EventPayload {
    package static let type = EventType.derivationCompleted

    package let sourceSHA256: Digest
    package let recipe: Digest
    package let tiles: Int
    /// Bytes of all tile files.
    package let tileBytes: Int
    /// Upright size of the source in pixels.
    package let width: Int
    package let height: Int
    /// The `tiles.jsonl` that describes them.
    package let indexBytes: Int
    package let indexSHA256: Digest
    package let indexMD5: String
    /// Seconds that decoding, cutting, encoding and hashing took.
    package let seconds: Double

    package init(
        sourceSHA256: Digest,
        recipe: Digest,
        tiles: Int,
        tileBytes: Int,
        width: Int,
        height: Int,
        indexBytes: Int,
        indexSHA256: Digest,
        indexMD5: String,
        seconds: Double
    ) {
        self.sourceSHA256 = sourceSHA256
        self.recipe = recipe
        self.tiles = tiles
        self.tileBytes = tileBytes
        self.width = width
        self.height = height
        self.indexBytes = indexBytes
        self.indexSHA256 = indexSHA256
        self.indexMD5 = indexMD5
        self.seconds = seconds
    }

    package init(from json: JSONObject) throws(EventError) {
        sourceSHA256 = try json.digest("source_sha256")
        recipe = try json.digest("recipe")
        tiles = try json.int("tiles")
        tileBytes = try json.int("tile_bytes")
        width = try json.int("width")
        height = try json.int("height")
        let index = try json.object("index")
        indexBytes = try index.int("bytes")
        indexSHA256 = try index.digest("sha256")
        indexMD5 = try index.string("md5")
        seconds = try json.optionalDouble("seconds") ?? 0
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("source_sha256", sourceSHA256)
        json.set("recipe", recipe)
        json.set("tiles", tiles)
        json.set("tile_bytes", tileBytes)
        json.set("width", width)
        json.set("height", height)
        json.set(
            "index",
            CanonicalJSON {
                $0.set("bytes", indexBytes)
                $0.set("sha256", indexSHA256)
                $0.set("md5", indexMD5)
            }
        )
        json.set("seconds", seconds)
    }
}
