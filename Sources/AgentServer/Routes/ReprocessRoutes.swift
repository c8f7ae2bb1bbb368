import Events
import HTTPTypes
import Hummingbird
import Projections
import Stages

/// Re-derivations: planned, asked for, ended; `swathlog reprocess` over HTTP.
struct ReprocessRoutes: Sendable {
    let store: ServedStore
    let reader: BodyReader
    /// Plans that are made at a time: each reads all that is in the dataset.
    private let places = Places(2, full: .tooManyPlans, "2 plans are being made already: come back when one is done")

    init(store: ServedStore, settings: ServerSettings) {
        self.store = store
        reader = BodyReader(sizeLimit: settings.bodyLimit, timeLimit: settings.receiveLimit)
    }

    var operations: [Operation] { planOperations + generationOperations }

    private static let tag = "reprocess"
    private static let bodyProblems: [Problem.Code] = [
        .badSetting, .bodyIncomplete, .bodyTooLarge, .bodyUnreadable, .contentTypeUnsupported, .contradictingSettings,
        .notFound, .requestTooSlow, .tooManyPlans,
    ]

    private var planOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/reprocess/settings",
                id: "listRecipeSettings",
                tag: Self.tag,
                summary:
                    "The settings of a recipe with the values that hold, or will hold once what is asked for is done.",
                form: .json(.object(["recipe?": .digest, "items": .list(.named("RecipeSetting"))]))
            ) { _ in .json(try await settings()) },
            Operation(
                method: .post,
                path: "/v1/reprocess/plan",
                id: "planReprocess",
                tag: Self.tag,
                summary: "What other settings would do to the dataset: nothing is written.",
                body: Operation.RequestBody(
                    types: ["application/json"],
                    schema: .named("ReprocessWish"),
                    summary: "The settings that are to change, and what of the dataset is meant: all of it unless said."
                ),
                form: .json(.named("Plan")),
                problems: Self.bodyProblems
            ) { call in
                try await call.attended { body in
                    .json(try await plan(try await wish(call, body, ReprocessWish.members)).json)
                }
            },
            Operation(
                method: .post,
                path: "/v1/reprocess/apply",
                id: "applyReprocess",
                tag: Self.tag,
                summary: "Asks for the next generation of the dataset; to ask for the same twice is to ask once.",
                scope: .operate,
                body: Operation.RequestBody(
                    types: ["application/json"],
                    schema: .named("ReprocessOrder"),
                    summary:
                        "As for the plan; recipe is what the plan said under to, and refuses where it would be another now."
                ),
                form: .json(.named("ReprocessAnswer")),
                problems: Self.bodyProblems + [.planOutdated]
            ) { call in
                try await call.attended { body in
                    try await apply(try await wish(call, body, ReprocessWish.members.union(ReprocessWish.orders)))
                }
            },
        ]
    }

    private var generationOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/generations",
                id: "listGenerations",
                tag: Self.tag,
                summary: "The re-derivations and how far they are, newest first.",
                parameters: [.limit, .cursor],
                form: .json(.page("Generation"))
            ) { call in
                let all = try await store.catalog.generations().reversed()
                let found = Array(all.drop { $0.requestedPosition >= call.cursor }.prefix(call.limit + 1))
                let shown = Array(found.prefix(call.limit))
                let page = Page(items: shown, next: found.count > call.limit ? shown.last?.requestedPosition : nil)
                return .json(page.json(\.json))
            },
            Operation(
                method: .get,
                path: "/v1/generations/{generation}",
                id: "getGeneration",
                tag: Self.tag,
                summary: "One re-derivation and how far it is.",
                parameters: [Self.id],
                form: .json(.named("Generation")),
                problems: [.notFound]
            ) { .json(try await generation($0.required("generation")).json) },
            Operation(
                method: .post,
                path: "/v1/generations/{generation}/cancel",
                id: "cancelGeneration",
                tag: Self.tag,
                summary: "Ends a re-derivation that waits or is under way: the dataset is as it was.",
                scope: .operate,
                parameters: [Self.id],
                form: .json(.named("Generation")),
                problems: [.notCancellable, .notFound]
            ) { .json(try await cancel($0.required("generation")).json) },
        ]
    }

    private static let id = Parameter.path("generation", "its id, as the list has it")

    private func generation(_ id: String) async throws -> CatalogGeneration {
        guard let found = try await store.catalog.generation(id) else {
            throw Problem(.notFound, "there is no re-derivation of this id")
        }
        return found
    }

    private func settings() async throws -> CanonicalJSON {
        let recipe = try await store.catalog.recipeToCome()
        return CanonicalJSON { json in
            json.set("recipe", recipe?.digest)
            json.set(
                "items",
                store.recipeSettings.map { setting in
                    CanonicalJSON {
                        $0.set("name", setting.name)
                        $0.set("value", recipe?.settings[setting.name] ?? setting.standard)
                        $0.set("default", setting.standard)
                        $0.set("summary", setting.summary)
                        if let choices = setting.choices { $0.set("choices", choices) }
                        // Under the others it may play no part, as the quality of JPEG for tiles that are PNG.
                        $0.set("in_recipe", recipe?.settings[setting.name] != nil)
                    }
                }
            )
        }
    }

    private func wish(_ call: Call, _ body: RequestBody, _ members: Set<String>) async throws -> ReprocessWish {
        try ReprocessWish(try await call.object(body, reader, members: members))
    }

    private func plan(_ wish: ReprocessWish) async throws -> ReprocessPlan {
        let ticket = try places.take()
        defer { withExtendedLifetime(ticket) {} }
        return try await refusing {
            try await store.reprocess.plan(try await store.reprocess.recipe(wish.settings), scope: wish.scope)
        }
    }

    private func apply(_ wish: ReprocessWish) async throws -> Response {
        let plan = try await plan(wish)
        if let recipe = wish.recipe, recipe != plan.recipe.digest {
            throw Problem(
                .planOutdated,
                "the recipe would be another now, \(plan.recipe.digest): look at the plan again"
            )
        }
        let answer = try await refusing {
            try await store.reprocess.request(plan, isIncremental: wish.isIncremental)
        }
        var (id, isNew): (String?, Bool) = (nil, false)
        switch answer {
        case .nothing: break
        case .pending(let generation): id = generation.id
        case .request(let new, let requested):
            let event = ProposedEvent(
                requested,
                stream: .generation(new),
                id: EventID(derivedFrom: requested.digest.description, new)
            )
            _ = try await store.record([event])
            (id, isNew) = (new, true)
        }
        var generation: CatalogGeneration?
        if let id { generation = try await self.generation(id) }
        return .json(
            CanonicalJSON {
                $0.set("new", isNew)
                $0.set("generation", generation?.json)
                $0.set("plan", plan.json)
            }
        )
    }

    private func cancel(_ id: String) async throws -> CatalogGeneration {
        let found = try await generation(id)
        switch found.state {
        case .cancelled: return found
        case .cutOver:
            throw Problem(
                .notCancellable,
                "it stands in the dataset already: go back with the recipe of before, which only links what is there"
            )
        case .queued, .deriving:
            let event = ProposedEvent(
                ReprocessCancelled(reason: "asked"),
                stream: .generation(id),
                id: EventID(derivedFrom: "cancel", id)
            )
            _ = try await store.record([event])
            return try await generation(id)
        }
    }

    /// What is wrong with a request, in the words of the command.
    private func refusing<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ReprocessError {
            let code: Problem.Code =
                switch error.code {
                case .badSetting: .badSetting
                case .contradiction: .contradictingSettings
                case .notFound: .notFound
                }
            throw Problem(code, error.message)
        }
    }
}

/// One setting of a recipe, as a page can ask for it.
package struct RecipeSetting: Sendable {
    let name: String
    let standard: String
    let summary: String
    /// The texts that it takes; nil where there are more than a list could hold.
    let choices: [String]?

    package init(name: String, standard: String, summary: String, choices: [String]?) {
        self.name = name
        self.standard = standard
        self.summary = summary
        self.choices = choices
    }
}

/// What a request asks for of a re-derivation.
private struct ReprocessWish {
    static let members: Set<String> = ["settings", "partitions", "prefix", "since"]
    /// What only has a meaning when it is done.
    static let orders: Set<String> = ["incremental", "recipe"]

    let settings: [String: String]
    let scope: ReprocessScope
    let isIncremental: Bool
    /// What the recipe is expected to be.
    let recipe: Digest?

    /// - Throws: `body-unreadable`, `bad-setting`.
    init(_ json: JSONObject) throws {
        do {
            settings = json.raw("settings") == nil ? [:] : try json.object("settings").strings()
            let since = try json.optionalString("since")
            guard since.map({ Timestamp(rfc3339: $0) != nil }) ?? true else {
                throw Problem(.badSetting, "since is a time such as 2026-05-01T00:00:00Z")
            }
            scope = ReprocessScope(
                partitions: Set(try json.texts("partitions")).sorted(),
                prefix: try json.optionalString("prefix"),
                since: since.flatMap(Timestamp.init(rfc3339:))
            )
            isIncremental = json.raw("incremental") == nil ? false : try json.bool("incremental")
            recipe = json.raw("recipe") == nil ? nil : try json.digest("recipe")
        } catch let error as EventError {
            throw Problem(.bodyUnreadable, error.message)
        }
        for name in settings.keys where !ReprocessRequests.settingNames.contains(name) {
            throw Problem(.bodyUnreadable, "'\(name.prefix(100))' is no setting of a recipe")
        }
    }
}
