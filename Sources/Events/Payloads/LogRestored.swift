/// The dataset's history is ahead of the log: an older copy of the log was put back.
package struct LogRestored: EventPayload {
    package static let type = EventType.logRestored

    /// A git commit of a dataset version that the log does not know any more.
    package struct ForgottenCommit: Sendable, Equatable {
        /// As its trailer has it.
        package let commitID: String
        package let gitCommit: String
        /// The partition that it changed, and the manifest that it gave that.
        package let partition: String
        package let manifest: String
        /// The recipe's digest as the trailer has it.
        package let recipe: String
        /// The number of events that it anchors.
        package let logSize: Int

        package init(
            commitID: String,
            gitCommit: String,
            partition: String,
            manifest: String,
            recipe: String,
            logSize: Int
        ) {
            self.commitID = commitID
            self.gitCommit = gitCommit
            self.partition = partition
            self.manifest = manifest
            self.recipe = recipe
            self.logSize = logSize
        }
    }

    /// The number of events in the log that was put back.
    package let events: Int
    /// All commits that the log does not know, oldest first.
    package let commits: [ForgottenCommit]

    package init(events: Int, commits: [ForgottenCommit]) {
        self.events = events
        self.commits = commits
    }

    package init(from json: JSONObject) throws(EventError) {
        events = try json.int("events")
        guard let list = json.raw("commits").flatMap({ JSONArray($0) }) else {
            throw EventError(.badField, "the payload's 'commits' is not an array")
        }
        var commits: [ForgottenCommit] = []
        for element in list.elements {
            let commit = try JSONObject(Array(element))
            commits.append(
                ForgottenCommit(
                    commitID: try commit.string("commit_id"),
                    gitCommit: try commit.string("git_commit"),
                    partition: try commit.string("partition"),
                    manifest: try commit.string("manifest"),
                    recipe: try commit.string("recipe"),
                    logSize: try commit.int("log_size")
                )
            )
        }
        self.commits = commits
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("events", events)
        json.set(
            "commits",
            commits.map { commit in
                CanonicalJSON {
                    $0.set("commit_id", commit.commitID)
                    $0.set("git_commit", commit.gitCommit)
                    $0.set("partition", commit.partition)
                    $0.set("manifest", commit.manifest)
                    $0.set("recipe", commit.recipe)
                    $0.set("log_size", commit.logSize)
                }
            }
        )
    }
}
