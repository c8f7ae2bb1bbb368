package import Events
package import Projections

/// What a re-derivation would do, before it does anything.
package struct ReprocessPlan: Sendable {
    /// One partition's share of it.
    package struct Partition: Sendable {
        package let name: String
        package internal(set) var objects = 0
        package internal(set) var tiles = TileDifference()
    }

    /// The store's recipe, and the one that is asked for.
    package let from: Recipe?
    package let recipe: Recipe
    package let scope: ReprocessScope
    /// Objects in scope whose tiles are of another recipe, or that have none yet.
    package internal(set) var objects = 0
    /// Objects in scope that the recipe would change nothing of.
    package internal(set) var unchanged = 0
    /// In the order of their names.
    package internal(set) var partitions: [Partition] = []
    /// Partitions that the scope takes in only a part of.
    package internal(set) var split: [String] = []

    /// Contents that would be cut, and their pixels as far as they are known.
    package internal(set) var toCut = 0
    package internal(set) var pixels = 0
    /// Contents that this recipe was applied to before: their tiles are only linked.
    package internal(set) var toLink = 0
    /// Contents whose size is not known, because they could not be decoded so far.
    package internal(set) var unknown = 0

    /// Contents whose bytes have to be fetched again, because they are not kept.
    package internal(set) var toFetch = 0
    package internal(set) var bytesToFetch = 0
    /// Keys whose bytes are neither kept nor at the source any more: their tiles would leave the dataset.
    package internal(set) var gone: [String] = []

    /// Source pixels that are cut in a second, as this store has measured; nil before it has cut anything.
    package internal(set) var pixelsPerSecond: Double?
    /// Whether that was measured under this recipe.
    package internal(set) var isMeasured = false
    /// Bytes of the tiles that would be cut, as far as can be told.
    package internal(set) var tileBytes = 0
    /// What is needed at most, files to be fetched included, and what is free.
    package internal(set) var diskNeeded = 0
    package internal(set) var diskFree = 0
    /// The share of new tiles that are expected to be left out as blank; nil when the recipe leaves out some and nothing is
    /// known of how many.
    package internal(set) var blankShare: Double? = 0

    /// Of all partitions.
    package var tiles: TileDifference {
        partitions.reduce(into: TileDifference()) { $0 += $1.tiles }
    }

    /// Seconds that cutting takes; nil where nothing has been measured.
    package var seconds: Double? {
        if toCut == 0 { return 0 }
        return pixelsPerSecond.map { Double(pixels) / $0 }
    }

    /// What is to be asked for: a scope that takes in whole partitions names them.
    package var request: ReprocessScope {
        guard !scope.isWhole, split.isEmpty else { return scope }
        return ReprocessScope(partitions: partitions.map(\.name))
    }
}

extension ReprocessPlan {
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("from", from?.digest)
            $0.set("to", recipe.digest)
            $0.set("engine_revision", recipe.engineRevision)
            $0.set("engine_revision_before", from?.engineRevision)
            $0.set("objects", objects)
            $0.set("objects_unchanged", unchanged)
            $0.set("tiles", tiles.json)
            $0.set(
                "partitions",
                partitions.map { partition in
                    CanonicalJSON {
                        $0.set("name", partition.name)
                        $0.set("objects", partition.objects)
                        $0.set("tiles", partition.tiles.json)
                    }
                }
            )
            $0.set("split_partitions", split)
            $0.set("contents_to_cut", toCut)
            $0.set("contents_to_link", toLink)
            $0.set("contents_of_unknown_size", unknown)
            $0.set("pixels", pixels)
            $0.set("originals_to_fetch", toFetch)
            $0.set("bytes_to_fetch", bytesToFetch)
            $0.set("originals_gone", gone.count)
            $0.set("keys_gone", Array(gone.prefix(100)))
            $0.set("pixels_per_second", pixelsPerSecond)
            $0.set("measured_under_this_recipe", isMeasured)
            $0.set("seconds", seconds)
            $0.set("blank_share", blankShare)
            $0.set("tile_bytes", tileBytes)
            $0.set("disk_needed", diskNeeded)
            $0.set("disk_free", diskFree)
        }
    }
}

extension TileDifference {
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("added", added)
            $0.set("removed", removed)
            $0.set("replaced", replaced)
            $0.set("kept", kept)
        }
    }
}
