import Events
import Foundation

/// The JSON of STAC 1.1.0 (stacspec.org) and of its extensions `file` 2.1.0 and `processing` 1.2.0.
enum STACVocabulary {
    static let version = "1.1.0"
    private static let extensions = "https://stac-extensions.github.io"
    private static let file = "\(extensions)/file/v2.1.0/schema.json"
    private static let processing = "\(extensions)/processing/v1.2.0/schema.json"

    static func link(_ relation: String, _ href: String, type: String = "application/json") -> CanonicalJSON {
        CanonicalJSON {
            $0.set("rel", relation)
            $0.set("href", href)
            $0.set("type", type)
        }
    }

    static let geoJSON = "application/geo+json"

    /// A file with its size and its SHA-256 as a multihash.
    static func asset(_ href: String, name: String, bytes: Int, sha256: Digest?) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("href", href)
            $0.set("type", mediaType(name))
            $0.set("roles", ["data"])
            $0.set("file:size", bytes)
            $0.set("file:checksum", sha256.map { "1220\($0)" })
        }
    }

    static func item(
        _ id: String,
        collection: String,
        footprint: GroundFootprint?,
        properties: CanonicalJSON,
        links: [CanonicalJSON],
        assets: CanonicalJSON,
        isProcessed: Bool
    ) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("type", "Feature")
            $0.set("stac_version", version)
            $0.set("stac_extensions", isProcessed ? [file, processing] : [file])
            $0.set("id", id)
            $0.set("collection", collection)
            if let ring = footprint?.ring, let box = STACBox(ring) {
                $0.set(
                    "geometry",
                    CanonicalJSON {
                        $0.set("type", "Polygon")
                        $0.set("coordinates", [ring])
                    }
                )
                $0.set("bbox", box.numbers)
            } else {
                $0.set("geometry", canonical: Array("null".utf8))
            }
            $0.set("properties", properties)
            $0.set("links", links)
            $0.set("assets", assets)
        }
    }

    static func catalog(_ id: String, description: String, links: [CanonicalJSON]) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("type", "Catalog")
            $0.set("stac_version", version)
            $0.set("id", id)
            $0.set("description", description)
            $0.set("links", links)
        }
    }

    /// A collection without its links, which come one by one.
    static func collection(_ id: String, description: String, extent: STACExtent) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("type", "Collection")
            $0.set("stac_version", version)
            $0.set("id", id)
            $0.set("description", description)
            $0.set("license", "other")
            $0.set("extent", extent.json)
        }
    }

    private static func mediaType(_ name: String) -> String {
        switch name.split(separator: ".").last?.lowercased() {
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "tif", "tiff": "image/tiff"
        default: "application/octet-stream"
        }
    }
}

/// West, south, east and north in degrees.
struct STACBox: Sendable {
    private(set) var numbers: [Double]

    /// - Returns: nil for a ring without places.
    init?(_ ring: [[Double]]) {
        let places = ring.filter { $0.count == 2 }
        guard let west = places.map({ $0[0] }).min(), let east = places.map({ $0[0] }).max(),
            let south = places.map({ $0[1] }).min(), let north = places.map({ $0[1] }).max()
        else { return nil }
        numbers = [west, south, east, north]
    }

    mutating func include(_ other: STACBox) {
        let (a, b) = (numbers, other.numbers)
        numbers = [min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])]
    }
}

/// The space and time that a collection spans.
struct STACExtent: Sendable {
    private var box: STACBox?
    private var first: Timestamp?
    private var last: Timestamp?

    mutating func include(_ footprint: GroundFootprint?, _ time: Timestamp) {
        if let new = footprint.flatMap({ STACBox($0.ring) }) {
            box?.include(new)
            box = box ?? new
        }
        first = min(first ?? time, time)
        last = max(last ?? time, time)
    }

    /// Where no ground is known it is the whole earth, as the specification has no word for that.
    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("spatial", CanonicalJSON { $0.set("bbox", [box?.numbers ?? [-180, -90, 180, 90]]) })
            let interval = "[[\(Self.quoted(first)),\(Self.quoted(last))]]"
            $0.set("temporal", CanonicalJSON { $0.set("interval", canonical: Array(interval.utf8)) })
        }
    }

    private static func quoted(_ time: Timestamp?) -> String {
        time.map { "\"\($0)\"" } ?? "null"
    }
}
