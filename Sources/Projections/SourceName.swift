/// The names of what a stage does with one source, as `StageFailed` and `StageResumed` have them.
package enum SourceName {
    /// The source that fetching is paused for: `s3://BUCKET` of `fetching s3://BUCKET`; nil for another stage's name.
    package static func of(stage: String) -> String? {
        let prefix = "fetching "
        return stage.hasPrefix(prefix) ? String(stage.dropFirst(prefix.count)) : nil
    }
}
