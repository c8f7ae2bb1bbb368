/// Where a tile lies in its image.
package struct TilePlace: Sendable, Equatable {
    package let row: Int
    package let column: Int
    /// The window in upright source pixels; it may reach beyond the image where tiles are padded.
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int
    /// The tile's pixels that are the image's, counted from its upper left corner; all others are padding.
    package let validWidth: Int
    package let validHeight: Int

    package init(
        row: Int,
        column: Int,
        x: Int,
        y: Int,
        width: Int,
        height: Int,
        validWidth: Int,
        validHeight: Int
    ) {
        self.row = row
        self.column = column
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.validWidth = validWidth
        self.validHeight = validHeight
    }

    init(from json: JSONObject) throws(EventError) {
        row = try json.int("row")
        column = try json.int("col")
        let window = try json.object("window")
        x = try window.int("x")
        y = try window.int("y")
        width = try window.int("width")
        height = try window.int("height")
        let valid = try json.object("valid")
        validWidth = try valid.int("width")
        validHeight = try valid.int("height")
    }

    func encode(into json: inout CanonicalJSON) {
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
        json.set(
            "valid",
            CanonicalJSON {
                $0.set("width", validWidth)
                $0.set("height", validHeight)
            }
        )
    }
}

/// One tile is in the DVC cache, its bytes on disk.
package struct TileWritten: EventPayload {
    package static let type = EventType.tileWritten

    /// File name inside the object's directory of the dataset: `<row>_<col>[_v<variant>].<ext>`.
    package let name: String
    package let place: TilePlace
    /// The recipe's edge policy: shift, pad, crop or drop.
    package let edge: String
    /// Maps a tile's pixel to the stored pixel: (a·x + b·y + c, d·x + e·y + f) for [a, b, c, d, e, f].
    package let affine: [Double]
    /// 0 for the tile as the image shows it, from 1 on for its augmented variants.
    package let variant: Int
    /// The augmentation steps in order, with all numbers that were drawn: a JSON array; nil for none.
    package let augmentation: CanonicalText?
    /// Size of the file in bytes.
    package let bytes: Int
    package let sha256: Digest
    /// 32 hexadecimal digits; the tile's name in the DVC cache.
    package let md5: String
    /// Pixels of the file itself: of a variant that was turned or cropped not those of its window.
    package let width: Int
    package let height: Int
    /// The ground that it shows; nil when it is not known.
    package let footprint: GroundFootprint?

    package init(
        name: String,
        place: TilePlace,
        edge: String,
        affine: [Double],
        variant: Int,
        augmentation: CanonicalText?,
        bytes: Int,
        sha256: Digest,
        md5: String,
        width: Int? = nil,
        height: Int? = nil,
        footprint: GroundFootprint?
    ) {
        self.name = name
        self.place = place
        self.edge = edge
        self.affine = affine
        self.variant = variant
        self.augmentation = augmentation
        self.bytes = bytes
        self.sha256 = sha256
        self.md5 = md5
        self.width = width ?? place.width
        self.height = height ?? place.height
        self.footprint = footprint
    }

    package init(from json: JSONObject) throws(EventError) {
        name = try json.string("name")
        place = try TilePlace(from: json)
        edge = try json.string("edge")
        affine = try json.doubles("affine")
        variant = try json.optionalInt("variant") ?? 0
        augmentation = json.raw("augmentation").map(CanonicalText.init)
        bytes = try json.int("bytes")
        sha256 = try json.digest("sha256")
        md5 = try json.string("md5")
        width = try json.optionalInt("width") ?? place.width
        height = try json.optionalInt("height") ?? place.height
        footprint = try GroundFootprint(from: json)
    }

    package func encode(into json: inout CanonicalJSON) {
        encodeTile(into: &json)
        footprint?.encodeRing(into: &json)
    }

    /// All but the footprint, which a tile index spells in another way.
    package func encodeTile(into json: inout CanonicalJSON) {
        json.set("name", name)
        place.encode(into: &json)
        json.set("edge", edge)
        json.set("affine", affine)
        if variant > 0 { json.set("variant", variant) }
        if let augmentation { json.set("augmentation", canonical: augmentation.bytes) }
        json.set("bytes", bytes)
        json.set("sha256", sha256)
        json.set("md5", md5)
        if width != place.width || height != place.height {
            json.set("width", width)
            json.set("height", height)
        }
    }
}

/// One tile was left out, because it shows nothing by the recipe's rule.
package struct TileSkipped: EventPayload {
    package static let type = EventType.tileSkipped

    package let place: TilePlace
    /// The rule as the recipe spells it.
    package let rule: String
    /// What was measured: bits of entropy, or the share of pixels without data.
    package let measure: Double

    package init(place: TilePlace, rule: String, measure: Double) {
        self.place = place
        self.rule = rule
        self.measure = measure
    }

    package init(from json: JSONObject) throws(EventError) {
        place = try TilePlace(from: json)
        rule = try json.string("rule")
        measure = try json.optionalDouble("measure") ?? 0
    }

    package func encode(into json: inout CanonicalJSON) {
        place.encode(into: &json)
        json.set("rule", rule)
        json.set("measure", measure)
    }
}
