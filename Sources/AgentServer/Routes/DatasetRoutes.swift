import EventLog
import Events
import HTTPTypes
import Hummingbird
import Projections

/// Datasets and their versions, and the recipes that they were made by.
struct DatasetRoutes: Sendable {
    let store: ServedStore

    var operations: [Operation] { datasetOperations + recipeOperations }

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
}
