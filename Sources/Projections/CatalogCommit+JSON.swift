package import Events

extension CatalogCommit {
    /// What commands and the API say of a version.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("id", id)
            $0.set("dataset", partition)
            $0.set("recipe", recipe)
            $0.set("manifest", manifest)
            $0.set("previous", previous)
            $0.set("files", files)
            $0.set("bytes", bytes)
            $0.set("added", added)
            $0.set("changed", changed)
            $0.set("removed", removed)
            $0.set("from_position", fromPosition)
            $0.set("through_position", throughPosition)
            $0.set("remote", remote)
            $0.set("git_commit", gitCommit)
            $0.set("tag", tag)
            $0.set("git_remote", gitRemote)
            $0.set("git_branch", gitBranch)
            $0.set("log_size", logHead?.size)
            $0.set("log_root", logHead?.root)
            $0.set("started_position", startedPosition)
            $0.set("committed_position", committedPosition)
            $0.set("pushed_position", pushedPosition)
            $0.set("shared_position", sharedPosition)
        }
    }
}
