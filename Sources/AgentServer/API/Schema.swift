import Events

/// A JSON schema in the dialect of OpenAPI 3.1.
struct Schema: Sendable {
    let json: CanonicalJSON

    private init(_ fill: (inout CanonicalJSON) -> Void) {
        json = CanonicalJSON(fill)
    }

    static let text = Schema { $0.set("type", "string") }
    static let whole = Schema { $0.set("type", "integer") }
    static let number = Schema { $0.set("type", "number") }
    static let textOrNumber = Schema { $0.set("type", ["string", "number"]) }
    static let flag = Schema { $0.set("type", "boolean") }
    /// A moment in UTC by RFC 3339.
    static let time = Schema {
        $0.set("type", "string")
        $0.set("format", "date-time")
    }
    /// A SHA-256 in hexadecimal.
    static let digest = text(pattern: "^[0-9a-f]{64}$")
    /// An MD5 in hexadecimal.
    static let md5 = text(pattern: "^[0-9a-f]{32}$")
    /// Any JSON object.
    static let anything = Schema { $0.set("type", "object") }

    static func text(pattern: String) -> Schema {
        Schema {
            $0.set("type", "string")
            $0.set("pattern", pattern)
        }
    }

    static func choice(_ values: [String]) -> Schema {
        Schema {
            $0.set("type", "string")
            $0.set("enum", values)
        }
    }

    static func whole(_ range: ClosedRange<Int>) -> Schema {
        Schema {
            $0.set("type", "integer")
            $0.set("minimum", range.lowerBound)
            $0.set("maximum", range.upperBound)
        }
    }

    static func list(_ item: Schema) -> Schema {
        Schema {
            $0.set("type", "array")
            $0.set("items", item.json)
        }
    }

    /// An object whose keys are not known beforehand.
    static func map(_ value: Schema) -> Schema {
        Schema {
            $0.set("type", "object")
            $0.set("additionalProperties", value.json)
        }
    }

    /// An object of these members and no others, or of others that are `more`; a name that ends in `?` may be missing.
    static func object(_ members: [String: Schema], more: Schema? = nil) -> Schema {
        Schema { json in
            let required = members.keys.filter { !$0.hasSuffix("?") }.sorted()
            json.set("type", "object")
            if !required.isEmpty { json.set("required", required) }
            json.set(
                "properties",
                CanonicalJSON { properties in
                    for (name, schema) in members {
                        properties.set(name.hasSuffix("?") ? String(name.dropLast()) : name, schema.json)
                    }
                }
            )
            if let more {
                json.set("additionalProperties", more.json)
            } else {
                json.set("additionalProperties", false)
            }
        }
    }

    /// A list of named things, in parts.
    static func page(_ name: String, next: Schema = .whole) -> Schema {
        object(["items": list(.named(name)), "next?": next])
    }

    /// One of the document's components.
    static func named(_ name: String) -> Schema {
        Schema { $0.set("$ref", "#/components/schemas/\(name)") }
    }
}
