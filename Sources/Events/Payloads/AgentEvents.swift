/// A process took the log's write side.
package struct AgentStarted: EventPayload {
    package static let type = EventType.agentStarted

    package let version: String
    package let engineRevision: Int
    package let host: String
    package let pid: Int
    /// `ingest`, `run`, `commit` or `reprocess`.
    package let mode: String
    /// The limit on an image's pixels, absent in the oldest logs.
    ///
    /// When it is raised, what it kept out is tried again.
    package let maxPixels: Int?
    /// The template that partitions of keys that are new from here on are named by; absent for the one before, which at
    /// first is the standard.
    package let partition: String?
    /// The settings of the recipe that it was given, and does not have from the store; absent in the oldest logs.
    ///
    /// Where they are as they were at the start before, they are no news: what was asked for since then stands.
    package let recipeSettings: [String: String]?
    /// The repository of a person's that gets the dataset, an absolute path; absent for the store's own, and in the oldest logs.
    package let datasetRepository: String?
    /// When changes become a version: `auto`, `batch` or `hand`; absent in the oldest logs.
    package let commitPolicy: String?

    package init(
        version: String,
        engineRevision: Int,
        host: String,
        pid: Int,
        mode: String,
        maxPixels: Int? = nil,
        partition: String? = nil,
        recipeSettings: [String: String]? = nil,
        datasetRepository: String? = nil,
        commitPolicy: String? = nil
    ) {
        self.version = version
        self.engineRevision = engineRevision
        self.host = host
        self.pid = pid
        self.mode = mode
        self.maxPixels = maxPixels
        self.partition = partition
        self.recipeSettings = recipeSettings
        self.datasetRepository = datasetRepository
        self.commitPolicy = commitPolicy
    }

    package init(from json: JSONObject) throws(EventError) {
        version = try json.string("version")
        engineRevision = try json.int("engine_revision")
        host = try json.string("host")
        pid = try json.int("pid")
        mode = try json.string("mode")
        maxPixels = try json.optionalInt("max_pixels")
        partition = try json.optionalString("partition")
        recipeSettings = json.raw("recipe_settings") == nil ? nil : try json.object("recipe_settings").strings()
        datasetRepository = try json.optionalString("dataset_repo")
        commitPolicy = try json.optionalString("commit_policy")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("version", version)
        json.set("engine_revision", engineRevision)
        json.set("host", host)
        json.set("pid", pid)
        json.set("mode", mode)
        json.set("max_pixels", maxPixels)
        json.set("partition", partition)
        json.set("dataset_repo", datasetRepository)
        json.set("commit_policy", commitPolicy)
        json.set(
            "recipe_settings",
            recipeSettings.map { settings in CanonicalJSON { for (name, value) in settings { $0.set(name, value) } } }
        )
    }
}

/// The process let go of the log in good order.
package struct AgentStopped: EventPayload {
    package static let type = EventType.agentStopped

    /// `finished` or `asked-to-stop`.
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package init(from json: JSONObject) throws(EventError) {
        reason = try json.string("reason")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("reason", reason)
    }
}
