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
    /// Versions of libraries that may show in the tiles' bytes, by name; no part of the recipe.
    package let libraries: [String: String]

    package init(
        object: String,
        sourceSHA256: Digest,
        recipe: Digest,
        engineRevision: Int,
        host: String,
        libraries: [String: String] = [:]
    ) {
        self.object = object
        self.sourceSHA256 = sourceSHA256
        self.recipe = recipe
        self.engineRevision = engineRevision
        self.host = host
        self.libraries = libraries
    }

    package init(from json: JSONObject) throws(EventError) {
        object = try json.string("object")
        sourceSHA256 = try json.digest("source_sha256")
        recipe = try json.digest("recipe")
        engineRevision = try json.int("engine_revision")
        host = try json.string("host")
        libraries = json.raw("libraries") == nil ? [:] : try json.object("libraries").strings()
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("object", object)
        json.set("source_sha256", sourceSHA256)
        json.set("recipe", recipe)
        json.set("engine_revision", engineRevision)
        json.set("host", host)
        if !libraries.isEmpty {
            json.set("libraries", CanonicalJSON { for (name, version) in libraries { $0.set(name, version) } })
        }
    }
}

/// One content can't be cut under the recipe of the next generation, or its tiles can't be had any more.
///
/// Its object is quarantined when that generation is cut over, and not before: it may be cancelled.
package struct DerivationFailed: EventPayload {
    package static let type = EventType.derivationFailed

    package let sourceSHA256: Digest
    package let recipe: Digest
    /// Reason code, kebab-case.
    package let reason: String
    /// What is wrong, where, and what to do.
    package let message: String
    /// Whether the tiles were made before, and are gone from the cache: until they are made again they count as not there.
    package let isLost: Bool

    package init(sourceSHA256: Digest, recipe: Digest, reason: String, message: String, isLost: Bool = false) {
        self.sourceSHA256 = sourceSHA256
        self.recipe = recipe
        self.reason = reason
        self.message = message
        self.isLost = isLost
    }

    package init(from json: JSONObject) throws(EventError) {
        sourceSHA256 = try json.digest("source_sha256")
        recipe = try json.digest("recipe")
        reason = try json.string("reason")
        message = try json.string("message")
        isLost = try json.raw("lost") == nil ? false : json.bool("lost")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("source_sha256", sourceSHA256)
        json.set("recipe", recipe)
        json.set("reason", reason)
        json.set("message", message)
        json.set("lost", isLost ? true : nil)
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
    /// Tiles that were left out as blank, each a `TileSkipped`.
    package let skipped: Int
    /// Pixels that no tile shows: none but under the edge policy `drop`.
    package let uncoveredPixels: Int
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
        skipped: Int = 0,
        uncoveredPixels: Int = 0,
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
        self.skipped = skipped
        self.uncoveredPixels = uncoveredPixels
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
        skipped = try json.int("skipped")
        uncoveredPixels = try json.int("uncovered_pixels")
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
        json.set("skipped", skipped)
        json.set("uncovered_pixels", uncoveredPixels)
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
