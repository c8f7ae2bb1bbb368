/// The next generation of the dataset, or of some of its partitions, is to be derived under a recipe.
///
/// It is made beside the current one; `GenerationCutOver` puts it in that one's place. Generations are made one after the
/// other, in the order in which they were asked for.
package struct ReprocessRequested: EventPayload {
    package static let type = EventType.reprocessRequested

    package let recipe: Recipe
    package let digest: Digest
    /// The partitions that are derived anew; empty for all.
    package let partitions: [String]
    /// Only keys that begin so; nil for all.
    ///
    /// With it, and with `since`, partitions mix recipes: `isIncremental` is set.
    package let prefix: String?
    /// Only objects that were observed at this time or later; nil for all.
    package let since: Timestamp?
    /// Whether each object goes over as soon as its tiles are there, though dataset versions mix recipes meanwhile.
    package let isIncremental: Bool

    package init(
        recipe: Recipe,
        partitions: [String] = [],
        prefix: String? = nil,
        since: Timestamp? = nil,
        isIncremental: Bool = false
    ) {
        self.recipe = recipe
        digest = recipe.digest
        self.partitions = partitions
        self.prefix = prefix
        self.since = since
        self.isIncremental = isIncremental
    }

    package init(from json: JSONObject) throws(EventError) {
        recipe = try Recipe(from: try json.object("recipe"))
        digest = try json.digest("digest")
        partitions = try json.texts("partitions")
        prefix = try json.optionalString("prefix")
        since = json.raw("since") == nil ? nil : try json.timestamp("since")
        isIncremental = try json.bool("incremental")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("recipe", recipe.json)
        json.set("digest", digest)
        json.set("partitions", partitions)
        json.set("prefix", prefix)
        json.set("since", since)
        json.set("incremental", isIncremental)
    }
}

/// A generation that was asked for is not to be: what is made of it is forgotten.
package struct ReprocessCancelled: EventPayload {
    package static let type = EventType.reprocessCancelled

    /// `asked`: somebody cancelled it; `recipe-adopted`: an agent with other settings took the store.
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package init(from json: JSONObject) throws(EventError) {
        reason = try json.string("reason")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("reason", reason)
    }
}

/// A generation is complete, and stands in the place of the one before from here on.
package struct GenerationCutOver: EventPayload {
    package static let type = EventType.generationCutOver

    package let recipe: Digest
    /// The store's recipe before; nil when only some partitions are cut over.
    package let previous: Digest?
    /// The partitions that it replaces in: each gets one dataset version of it.
    package let partitions: [String]
    /// Objects whose tiles are of the new recipe from here on.
    package let objects: Int
    /// Their tiles.
    package let tiles: Int
    /// Objects that could not be cut under the new recipe: they are quarantined, and their tiles leave the dataset.
    package let failed: Int

    package init(recipe: Digest, previous: Digest?, partitions: [String], objects: Int, tiles: Int, failed: Int) {
        self.recipe = recipe
        self.previous = previous
        self.partitions = partitions
        self.objects = objects
        self.tiles = tiles
        self.failed = failed
    }

    package init(from json: JSONObject) throws(EventError) {
        recipe = try json.digest("recipe")
        previous = json.raw("previous") == nil ? nil : try json.digest("previous")
        partitions = try json.texts("partitions")
        objects = try json.int("objects")
        tiles = try json.int("tiles")
        failed = try json.int("failed")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("recipe", recipe)
        json.set("previous", previous)
        json.set("partitions", partitions)
        json.set("objects", objects)
        json.set("tiles", tiles)
        json.set("failed", failed)
    }
}

/// The tiles of a cancelled generation, which no dataset version has, are gone from the DVC cache.
package struct GenerationSwept: EventPayload {
    package static let type = EventType.generationSwept

    /// Files that were removed, and their bytes.
    package let files: Int
    package let bytes: Int

    package init(files: Int, bytes: Int) {
        self.files = files
        self.bytes = bytes
    }

    package init(from json: JSONObject) throws(EventError) {
        files = try json.int("files")
        bytes = try json.int("bytes")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("files", files)
        json.set("bytes", bytes)
    }
}
