/// The names of what is done with one source, as `StageFailed` and `StageResumed` have them.
package enum SourceName {
    /// What a source can be down for: looking for its objects, and fetching them.
    private static let activities = ["watching ", "fetching "]

    /// The source that stands still: `s3://BUCKET` of `fetching s3://BUCKET`; nil for another stage's name.
    package static func of(stage: String) -> String? {
        activities.first(where: stage.hasPrefix).map { String(stage.dropFirst($0.count)) }
    }
}
