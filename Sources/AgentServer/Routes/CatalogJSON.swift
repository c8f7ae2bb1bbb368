import Events
import Projections

extension PlacedObject {
    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("id", object.id)
            $0.set("source", object.source)
            $0.set("bucket", object.bucket)
            $0.set("key", object.key)
            $0.set("dataset", partition)
            $0.set("path", path)
            $0.set("version", object.version)
            $0.set("size", object.size)
            $0.set("state", object.state)
            $0.set("sha256", object.sha256)
            $0.set("reason", object.reason)
            $0.set("modified_at", object.modifiedAt?.description)
            $0.set("observed_at", object.observedAt.description)
            $0.set("observed_position", object.observedPosition)
            $0.set("fetched_position", object.fetchedPosition)
            $0.set("validated_position", object.validatedPosition)
            $0.set("etag", object.etag)
            $0.set("version_id", object.versionID)
            $0.set("outdated", isOutdated)
        }
    }
}

extension ObjectValidated {
    /// The image that an object is.
    var imageJSON: CanonicalJSON {
        CanonicalJSON {
            $0.set("format", format)
            $0.set("width", width)
            $0.set("height", height)
            $0.set("channels", channels)
            $0.set("bit_depth", bitDepth)
            $0.set("colour_model", colourModel)
            $0.set("orientation", orientation)
            $0.set("metadata", canonical: metadata.bytes)
            footprint?.encodeGeoJSON(into: &$0)
        }
    }
}

extension ValidatedObject {
    /// The image on the ground, as a GeoJSON feature.
    func feature(_ ground: GroundFootprint) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("type", "Feature")
            $0.set("id", id)
            $0.set(
                "geometry",
                CanonicalJSON {
                    $0.set("type", "Polygon")
                    $0.set("coordinates", [ground.ring])
                }
            )
            $0.set(
                "properties",
                CanonicalJSON {
                    $0.set("key", key)
                    $0.set("dataset", partition)
                    $0.set("state", state)
                    $0.set("error_m", ground.errorMetres)
                }
            )
        }
    }
}

extension ListedDerivation {
    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("id", id)
            $0.set("sha256", content)
            $0.set("recipe", recipe)
            $0.set("started_position", startedPosition)
            $0.set("completed_position", completedPosition)
            $0.set("tiles", tiles)
            $0.set("tile_bytes", tileBytes)
            $0.set("skipped", skipped)
            $0.set("width", width)
            $0.set("height", height)
            $0.set("seconds", seconds)
            $0.set("current", isCurrent)
        }
    }
}

extension TileWritten {
    func json(position: Int) -> CanonicalJSON {
        CanonicalJSON {
            encodeTile(into: &$0)
            footprint?.encodeGeoJSON(into: &$0)
            $0.set("position", position)
        }
    }
}

extension ListedDataset {
    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("name", name)
            $0.set("source", source)
            $0.set("bucket", bucket)
            $0.set("versions", versions)
            $0.set("newest", newest?.json)
            $0.set("uncommitted", hasUncommitted)
        }
    }
}
