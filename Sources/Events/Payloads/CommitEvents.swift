/// Somebody asked that what a partition holds now becomes a version, whatever the commit policy says.
package struct CommitRequested: EventPayload {
    package static let type = EventType.commitRequested

    package let partition: String

    package init(partition: String) {
        self.partition = partition
    }

    package init(from json: JSONObject) throws(EventError) {
        partition = try json.string("partition")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("partition", partition)
    }
}

/// The dataset's repository has neither a partition nor its newest version: it is another than before, or begun anew.
package struct DatasetLost: EventPayload {
    package static let type = EventType.datasetLost

    /// The newest version.
    package let commitID: String
    package let partition: String
    package let manifest: String
    /// The directory of the repository that lacks it.
    package let repository: String

    package init(commitID: String, partition: String, manifest: String, repository: String) {
        self.commitID = commitID
        self.partition = partition
        self.manifest = manifest
        self.repository = repository
    }

    package init(from json: JSONObject) throws(EventError) {
        commitID = try json.string("commit_id")
        partition = try json.string("partition")
        manifest = try json.string("manifest")
        repository = try json.string("repository")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("commit_id", commitID)
        json.set("partition", partition)
        json.set("manifest", manifest)
        json.set("repository", repository)
    }
}

/// A version that was made for no remote, or for another, is to be pushed to the one that is named now.
package struct PushRequested: EventPayload {
    package static let type = EventType.pushRequested

    package let commitID: String
    package let partition: String
    /// An absolute directory or a URL.
    package let remote: String

    package init(commitID: String, partition: String, remote: String) {
        self.commitID = commitID
        self.partition = partition
        self.remote = remote
    }

    package init(from json: JSONObject) throws(EventError) {
        commitID = try json.string("commit_id")
        partition = try json.string("partition")
        remote = try json.string("remote")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("commit_id", commitID)
        json.set("partition", partition)
        json.set("remote", remote)
    }
}

/// A version's git commit was made anew on top of what others had pushed, so it has another hash.
package struct DatasetRebased: EventPayload {
    package static let type = EventType.datasetRebased

    package let commitID: String
    package let partition: String
    /// The git commit's hash from now on, and the one before.
    package let gitCommit: String
    package let previousCommit: String

    package init(commitID: String, partition: String, gitCommit: String, previousCommit: String) {
        self.commitID = commitID
        self.partition = partition
        self.gitCommit = gitCommit
        self.previousCommit = previousCommit
    }

    package init(from json: JSONObject) throws(EventError) {
        commitID = try json.string("commit_id")
        partition = try json.string("partition")
        gitCommit = try json.string("git_commit")
        previousCommit = try json.string("previous_commit")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("commit_id", commitID)
        json.set("partition", partition)
        json.set("git_commit", gitCommit)
        json.set("previous_commit", previousCommit)
    }
}

/// A version's git commit, and its tag where it has one, are in the git remote.
package struct DatasetShared: EventPayload {
    package static let type = EventType.datasetShared

    package let commitID: String
    package let partition: String
    package let gitCommit: String
    /// A remote of the repository's or a URL, and the branch there.
    package let gitRemote: String
    package let gitBranch: String
    package let tag: String?

    package init(
        commitID: String,
        partition: String,
        gitCommit: String,
        gitRemote: String,
        gitBranch: String,
        tag: String?
    ) {
        self.commitID = commitID
        self.partition = partition
        self.gitCommit = gitCommit
        self.gitRemote = gitRemote
        self.gitBranch = gitBranch
        self.tag = tag
    }

    package init(from json: JSONObject) throws(EventError) {
        commitID = try json.string("commit_id")
        partition = try json.string("partition")
        gitCommit = try json.string("git_commit")
        gitRemote = try json.string("git_remote")
        gitBranch = try json.string("git_branch")
        tag = try json.optionalString("tag")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("commit_id", commitID)
        json.set("partition", partition)
        json.set("git_commit", gitCommit)
        json.set("git_remote", gitRemote)
        json.set("git_branch", gitBranch)
        json.set("tag", tag)
    }
}
