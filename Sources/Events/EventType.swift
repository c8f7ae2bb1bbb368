/// The types of event that this program knows, named in the past tense as they stand in the log.
///
/// The set is closed in code and open on disk: a type that is not here is kept, shown and counted, and folded by nothing.
package enum EventType: String, Sendable, CaseIterable {
    case objectObserved = "ObjectObserved"
    case objectRemoved = "ObjectRemoved"
    case objectFetched = "ObjectFetched"
    case objectValidated = "ObjectValidated"
    case objectQuarantined = "ObjectQuarantined"
    case objectReleased = "ObjectReleased"
    case objectDismissed = "ObjectDismissed"
    case recipeAdopted = "RecipeAdopted"
    case derivationStarted = "DerivationStarted"
    case tileWritten = "TileWritten"
    case tileSkipped = "TileSkipped"
    case derivationCompleted = "DerivationCompleted"
    case datasetCommitStarted = "DatasetCommitStarted"
    case datasetCommitted = "DatasetCommitted"
    case datasetPushed = "DatasetPushed"
    case notificationQueued = "NotificationQueued"
    case notificationAttempted = "NotificationAttempted"
    case notificationDelivered = "NotificationDelivered"
    case notificationAbandoned = "NotificationAbandoned"
    case stageFailed = "StageFailed"
    case stageResumed = "StageResumed"
    case agentStarted = "AgentStarted"
    case agentStopped = "AgentStopped"
    case logRestored = "LogRestored"
}
