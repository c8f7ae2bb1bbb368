import EventLog
import Events
import HTTPTypes
import Hummingbird
import Projections

/// Datasets and their versions, the recipes that they were made by, and who was told.
struct DatasetRoutes: Sendable {
    let store: ServedStore

    var operations: [Operation] { datasetOperations + recipeOperations + notificationOperations }

    private var datasetOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/datasets",
                id: "listDatasets",
                tag: "datasets",
                summary: "Datasets with their newest versions, in the order of their names.",
                parameters: [.limit, .nameCursor],
                form: .json(.page("Dataset", next: .text))
            ) { call in
                .json(
                    try await store.catalog.datasets(after: call.text("cursor") ?? "", limit: call.limit).json(\.json)
                )
            },
            Operation(
                method: .get,
                path: "/v1/datasets/{dataset}",
                id: "getDataset",
                tag: "datasets",
                summary: "One dataset with its newest version.",
                parameters: [Self.dataset],
                form: .json(.named("Dataset")),
                problems: [.notFound]
            ) { .json(try await dataset($0).json) },
            Operation(
                method: .get,
                path: "/v1/datasets/{dataset}/versions",
                id: "listVersions",
                tag: "datasets",
                summary: "The versions of a dataset, newest first, one on its way into git as well.",
                parameters: [Self.dataset, .limit, .cursor],
                form: .json(.page("Version")),
                problems: [.notFound]
            ) { call in
                let name = try await dataset(call).name
                return .json(
                    try await store.catalog.versions(ofDataset: name, before: call.cursor, limit: call.limit).json(
                        \.json
                    )
                )
            },
            Operation(
                method: .get,
                path: "/v1/versions/{version}",
                id: "getVersion",
                tag: "datasets",
                summary: "One version of a dataset.",
                parameters: [.path("version", "a version's id")],
                form: .json(.named("Version")),
                problems: [.notFound]
            ) { call in
                guard let version = try await store.catalog.commit(call.required("version")) else {
                    throw Problem(.notFound, "there is no dataset version of this id")
                }
                return .json(version.json)
            },
        ]
    }

    private var recipeOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/recipes",
                id: "listRecipes",
                tag: "recipes",
                summary: "All recipes that were adopted, the current one first.",
                form: .json(.object(["items": .list(.named("Recipe"))]))
            ) { _ in
                let recipes = try await recipes()
                return .json(CanonicalJSON { $0.set("items", recipes) })
            },
            Operation(
                method: .get,
                path: "/v1/recipes/{digest}",
                id: "getRecipe",
                tag: "recipes",
                summary: "One recipe with every setting.",
                parameters: [.path("digest", .digest, "its digest")],
                form: .json(.named("Recipe")),
                problems: [.notFound]
            ) { call in
                let all = try await store.catalog.recipes()
                guard let index = all.firstIndex(where: { $0.digest.description == call.required("digest") }) else {
                    throw Problem(.notFound, "no recipe of this digest was adopted")
                }
                return .json(Self.json(all[index], isCurrent: index == 0))
            },
        ]
    }

    private var notificationOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/notifications",
                id: "listNotifications",
                tag: "notifications",
                summary: "Notifications, newest first.",
                parameters: [
                    .query("endpoint", "only those for it"),
                    .query("state", .choice(["abandoned", "delivered", "queued"]), "only those in it"), .limit, .cursor,
                ],
                form: .json(.page("Notification"))
            ) { call in
                let page = try await store.catalog.notifications(
                    endpoint: call.text("endpoint"),
                    state: call.text("state"),
                    before: call.cursor,
                    limit: call.limit
                )
                return .json(page.json(\.json))
            },
            Operation(
                method: .get,
                path: "/v1/notifications/{notification}",
                id: "getNotification",
                tag: "notifications",
                summary: "One notification with the body that is sent.",
                parameters: [.path("notification", "a notification's id")],
                form: .json(.named("NotificationDetail")),
                problems: [.notFound]
            ) { call in
                guard let notification = try await store.catalog.notification(call.required("notification")) else {
                    throw Problem(.notFound, "there is no notification of this id")
                }
                var json = notification.json
                json.set("body", canonical: Array(notification.body.utf8))
                return .json(json)
            },
            Operation(
                method: .get,
                path: "/v1/endpoints",
                id: "listEndpoints",
                tag: "notifications",
                summary: "Who is told of what, and how much waits for each.",
                form: .json(.object(["items": .list(.named("Endpoint"))]))
            ) { _ in .json(try await endpoints()) },
        ]
    }

    private static let dataset = Parameter.path("dataset", "a dataset's name")

    private func dataset(_ call: Call) async throws -> ListedDataset {
        guard let dataset = try await store.catalog.dataset(call.required("dataset")) else {
            throw Problem(.notFound, "there is no dataset of this name")
        }
        return dataset
    }

    private func recipes() async throws -> [CanonicalJSON] {
        try await store.catalog.recipes().enumerated().map { Self.json($0.element, isCurrent: $0.offset == 0) }
    }

    private static func json(_ recipe: CatalogRecipe, isCurrent: Bool) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("digest", recipe.digest)
            $0.set("adopted_position", recipe.adoptedPosition)
            $0.set("current", isCurrent)
            $0.set("engine_revision", recipe.recipe.engineRevision)
            $0.set(
                "settings",
                CanonicalJSON { for (name, value) in recipe.recipe.settings { $0.set(name, value) } }
            )
        }
    }

    private func endpoints() async throws -> CanonicalJSON {
        let waiting = Dictionary(
            try await store.catalog.waitingNotifications().map { ($0.endpoint, $0.count) }
        ) { first, _ in first }
        let endpoints = try await store.catalog.endpoints().map { endpoint in
            CanonicalJSON {
                $0.set("name", endpoint.name)
                $0.set("place", endpoint.place)
                $0.set("state", endpoint.state)
                $0.set("kinds", endpoint.filter.kinds)
                $0.set("datasets", endpoint.filter.partitions)
                $0.set("last_sequence", endpoint.lastSequence)
                $0.set("waiting", waiting[endpoint.name] ?? 0)
            }
        }
        return CanonicalJSON { $0.set("items", endpoints) }
    }
}
