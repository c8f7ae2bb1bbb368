import Events
import Imaging

extension ImageMetadata {
    /// What the file said, as it stands in `ObjectValidated`: the normalised fields (lengths in mm, m and pixels, angles in
    /// degrees), the `tags` that each came from, the tags `verbatim`, what that left out, size and
    /// digest of the `blocks` they stood in, the colour profile, and the doubts.
    var json: CanonicalJSON {
        CanonicalJSON { json in
            for (key, value) in fields {
                switch value {
                case .text(let text): json.set(key, text)
                case .number(let number): json.set(key, number)
                case .integer(let integer): json.set(key, integer)
                }
            }
            if !sources.isEmpty { json.set("tags", Self.object(sources)) }
            if !verbatim.isEmpty {
                json.set(
                    "verbatim",
                    CanonicalJSON { for (place, tags) in verbatim { $0.set(place, Self.object(tags)) } }
                )
            }
            json.set("icc", profile?.json)
            if !blocks.isEmpty {
                json.set(
                    "blocks",
                    CanonicalJSON { for (name, block) in blocks { $0.set(name, block.json) } }
                )
            }
            if !leftOut.isEmpty { json.set("left_out", leftOut) }
            if !doubts.isEmpty { json.set("doubts", doubts) }
        }
    }

    private static func object(_ texts: [String: String]) -> CanonicalJSON {
        CanonicalJSON { for (name, text) in texts { $0.set(name, text) } }
    }
}

extension MetadataBlock {
    fileprivate var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("bytes", bytes)
            $0.set("sha256", hex(sha256))
        }
    }
}

extension ICCProfile {
    fileprivate var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("description", description)
            $0.set("colour_space", colourSpace)
            $0.set("device_class", deviceClass)
            $0.set("bytes", bytes.count)
            $0.set("sha256", hex(sha256))
        }
    }
}
