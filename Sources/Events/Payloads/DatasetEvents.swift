/// A dataset version is about to be committed (the intent; `DatasetCommitted` is the receipt).
package struct DatasetCommitStarted: EventPayload {
    package static let type = EventType.datasetCommitStarted

    /// Stands in the git commit's trailer, so that a restart finds its own commit.
    package let commitID: String
    package let partition: String
    package let recipe: Digest
    /// The manifest's id: MD5 and `.dir`.
    package let manifest: String
    /// The manifest that it replaces; nil for the first.
    package let previous: String?
    /// Files in the manifest, and their bytes.
    package let files: Int
    package let bytes: Int
    package let added: Int
    package let changed: Int
    package let removed: Int
    /// The events that this version is made of end here; the first one that the version before did not have.
    package let fromPosition: Int
    package let throughPosition: Int
    /// Where it is to be pushed; nil for nowhere.
    package let remote: String?
    /// The git tag that it gets; nil for none.
    package var tag: String?
    /// Where the git commit is to be pushed: a remote of the repository's or a URL, and a branch; nil for nowhere.
    package let gitRemote: String?
    package let gitBranch: String?

    package init(
        commitID: String,
        partition: String,
        recipe: Digest,
        manifest: String,
        previous: String?,
        files: Int,
        bytes: Int,
        added: Int,
        changed: Int,
        removed: Int,
        fromPosition: Int,
        throughPosition: Int,
        remote: String?,
        tag: String? = nil,
        gitRemote: String? = nil,
        gitBranch: String? = nil
    ) {
        self.commitID = commitID
        self.partition = partition
        self.recipe = recipe
        self.manifest = manifest
        self.previous = previous
        self.files = files
        self.bytes = bytes
        self.added = added
        self.changed = changed
        self.removed = removed
        self.fromPosition = fromPosition
        self.throughPosition = throughPosition
        self.remote = remote
        self.tag = tag
        self.gitRemote = gitRemote
        self.gitBranch = gitBranch
    }

    package init(from json: JSONObject) throws(EventError) {
        commitID = try json.string("commit_id")
        partition = try json.string("partition")
        recipe = try json.digest("recipe")
        manifest = try json.string("manifest")
        previous = try json.optionalString("previous")
        files = try json.int("files")
        bytes = try json.int("bytes")
        added = try json.int("added")
        changed = try json.int("changed")
        removed = try json.int("removed")
        fromPosition = try json.int("from_position")
        throughPosition = try json.int("through_position")
        remote = try json.optionalString("remote")
        tag = try json.optionalString("tag")
        gitRemote = try json.optionalString("git_remote")
        gitBranch = try json.optionalString("git_branch")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("commit_id", commitID)
        json.set("partition", partition)
        json.set("recipe", recipe)
        json.set("manifest", manifest)
        json.set("previous", previous)
        json.set("files", files)
        json.set("bytes", bytes)
        json.set("added", added)
        json.set("changed", changed)
        json.set("removed", removed)
        json.set("from_position", fromPosition)
        json.set("through_position", throughPosition)
        json.set("remote", remote)
        json.set("tag", tag)
        json.set("git_remote", gitRemote)
        json.set("git_branch", gitBranch)
    }
}

/// A dataset version is in git.
package struct DatasetCommitted: EventPayload {
    package static let type = EventType.datasetCommitted

    package let commitID: String
    package let partition: String
    package let manifest: String
    /// The git commit's hash.
    package let gitCommit: String
    /// Path of the pointer file in the repository: `<partition>.dvc`.
    package let pointer: String
    /// The log's head that the commit's trailer names: number of events and Merkle root.
    package let logSize: Int
    package let logRoot: Digest

    package init(
        commitID: String,
        partition: String,
        manifest: String,
        gitCommit: String,
        pointer: String,
        logSize: Int,
        logRoot: Digest
    ) {
        self.commitID = commitID
        self.partition = partition
        self.manifest = manifest
        self.gitCommit = gitCommit
        self.pointer = pointer
        self.logSize = logSize
        self.logRoot = logRoot
    }

    package init(from json: JSONObject) throws(EventError) {
        commitID = try json.string("commit_id")
        partition = try json.string("partition")
        manifest = try json.string("manifest")
        gitCommit = try json.string("git_commit")
        pointer = try json.string("pointer")
        logSize = try json.int("log_size")
        logRoot = try json.digest("log_root")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("commit_id", commitID)
        json.set("partition", partition)
        json.set("manifest", manifest)
        json.set("git_commit", gitCommit)
        json.set("pointer", pointer)
        json.set("log_size", logSize)
        json.set("log_root", logRoot)
    }
}

/// Every object of a dataset version is in the remote.
package struct DatasetPushed: EventPayload {
    package static let type = EventType.datasetPushed

    package let commitID: String
    package let partition: String
    package let manifest: String
    package let remote: String
    /// Objects that the remote did not have.
    package let objectsSent: Int
    /// Their bytes; nil where `dvc` sent them, which says how many they were and not which.
    package let bytesSent: Int?

    package init(
        commitID: String,
        partition: String,
        manifest: String,
        remote: String,
        objectsSent: Int,
        bytesSent: Int?
    ) {
        self.commitID = commitID
        self.partition = partition
        self.manifest = manifest
        self.remote = remote
        self.objectsSent = objectsSent
        self.bytesSent = bytesSent
    }

    package init(from json: JSONObject) throws(EventError) {
        commitID = try json.string("commit_id")
        partition = try json.string("partition")
        manifest = try json.string("manifest")
        remote = try json.string("remote")
        objectsSent = try json.int("objects_sent")
        bytesSent = try json.optionalInt("bytes_sent")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("commit_id", commitID)
        json.set("partition", partition)
        json.set("manifest", manifest)
        json.set("remote", remote)
        json.set("objects_sent", objectsSent)
        json.set("bytes_sent", bytesSent)
    }
}
