import Events
import HTTPTypes

/// The OpenAPI 3.1 document of a list of operations.
struct OpenAPI: Sendable {
    let operations: [Operation]
    let version: String

    var json: CanonicalJSON {
        CanonicalJSON { json in
            json.set("openapi", "3.1.0")
            json.set(
                "info",
                CanonicalJSON {
                    $0.set("title", "Swathlog")
                    $0.set("version", version)
                    $0.set("summary", "What the agent of a store knows, and what it can be asked for.")
                    $0.set(
                        "description",
                        """
                        Lists come in parts: items, and next, which the following request gives as cursor. A part may be short \
                        or empty and still have a next one. Problems are application/problem+json (RFC 9457) with a code.
                        """
                    )
                }
            )
            json.set("paths", paths)
            json.set(
                "components",
                CanonicalJSON { components in
                    components.set(
                        "schemas",
                        CanonicalJSON { for (name, schema) in Schema.components { $0.set(name, schema.json) } }
                    )
                    components.set("securitySchemes", Self.securitySchemes)
                }
            )
        }
    }

    private var paths: CanonicalJSON {
        CanonicalJSON { paths in
            for (path, operations) in Dictionary(grouping: operations, by: \.path) {
                paths.set(
                    path,
                    CanonicalJSON {
                        for operation in operations {
                            $0.set(operation.method.rawValue.lowercased(), Self.describe(operation))
                        }
                    }
                )
            }
        }
    }

    private static let securitySchemes = CanonicalJSON {
        $0.set(
            "token",
            CanonicalJSON {
                $0.set("type", "http")
                $0.set("scheme", "bearer")
                $0.set("description", "A token of the scope that the operation names; operate includes read and push.")
            }
        )
    }

    private static func describe(_ operation: Operation) -> CanonicalJSON {
        CanonicalJSON { json in
            json.set("operationId", operation.id)
            json.set("tags", [operation.tag])
            json.set("summary", operation.summary)
            if operation.scope != .open {
                json.set("description", "Scope: \(operation.scope.rawValue).")
                // Reading needs none where none is set and the reader is on the same machine.
                let asks = CanonicalJSON { $0.set("token", [String]()) }
                json.set("security", operation.scope == .read ? [CanonicalJSON(), asks] : [asks])
            }
            if !operation.parameters.isEmpty { json.set("parameters", operation.parameters.map(\.json)) }
            if let body = operation.body {
                json.set(
                    "requestBody",
                    CanonicalJSON {
                        $0.set("required", true)
                        $0.set("description", body.summary)
                        $0.set("content", content(body.types, body.schema))
                    }
                )
            }
            json.set("responses", responses(operation))
        }
    }

    private static func responses(_ operation: Operation) -> CanonicalJSON {
        CanonicalJSON { json in
            switch operation.form {
            case .json(let schema): json.set("200", answer("The answer.", content(["application/json"], schema)))
            case .geoJSON(let schema):
                json.set("200", answer("The answer.", content(["application/geo+json"], schema)))
            case .text(let type): json.set("200", answer("The answer.", content([type], .text)))
            case .nothing: json.set("204", answer("There is nothing more to say.", nil))
            case .events(let summary): json.set("200", answer(summary, content(["text/event-stream"], .text)))
            case .bytes(let types):
                json.set("200", answer("All bytes.", content(types, nil)))
                json.set("206", answer("The bytes that Range asked for.", content(types, nil)))
                json.set("304", answer("The bytes are those of If-None-Match.", nil))
            }
            for (status, codes) in Dictionary(grouping: operation.allProblems, by: \.status.code) {
                let names = codes.map(\.rawValue).sorted().joined(separator: ", ")
                json.set(
                    String(status),
                    answer("Code: \(names).", content(["application/problem+json"], .named("Problem")))
                )
            }
        }
    }

    private static func answer(_ summary: String, _ content: CanonicalJSON?) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("description", summary)
            $0.set("content", content)
        }
    }

    private static func content(_ types: [String], _ schema: Schema?) -> CanonicalJSON {
        CanonicalJSON { json in
            for type in types {
                json.set(type, CanonicalJSON { $0.set("schema", schema?.json) })
            }
        }
    }
}
