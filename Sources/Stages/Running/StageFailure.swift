import DVC
import EventLog
import Files
import HTTPTransfer
import Imaging
import ObjectStores

/// Why a stage could not do an item's work, and what follows from it.
///
/// An error is classed once, here or where it is thrown, and everything else acts on the class.
package struct StageFailure: Error, Sendable, Equatable {
    package enum Scope: String, Sendable {
        /// It may pass: the item is tried again.
        case passing
        /// It will not pass for this item: the item is given up, its neighbours go on.
        case item
        /// It concerns everything from the item's source: the item stays on the list, and its attempt is not counted.
        case source
        /// It concerns the whole stage: the stage pauses until it has passed.
        case stage
    }

    package let scope: Scope
    /// Reason code, kebab-case.
    package let reason: String
    /// What is wrong, and what to do.
    package let message: String
    /// How long the other side wants to be left alone; nil where it did not say.
    package let retryAfter: Duration?

    package init(_ scope: Scope, _ reason: String, _ message: String, retryAfter: Duration? = nil) {
        self.scope = scope
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The same, where it holds up one item alone.
    var ofOneItem: StageFailure { StageFailure(.passing, reason, message, retryAfter: retryAfter) }

    /// What brought the agent down so often is not tried once more.
    static let crashLoop = StageFailure(
        .item,
        "crash-loop",
        "\(CrashWatch.limit) agents in a row died while they worked on this: have a look at it, and at the agent's memory; `swathlog quarantine release` tries it again"
    )

    /// Classes any error.
    package init(classing error: any Error) {
        switch error {
        case let failure as StageFailure: self = failure
        case let error as EventLogError: self.init(error)
        case let error as FileError: self.init(error)
        case let error as ImagingError: self.init(error)
        case let error as DVCError: self.init(error)
        case let error as StoreError: self.init(.item, error.code.rawValue, error.message)
        case let error as S3Error: self.init(error)
        default: self.init(.passing, "unexpected-error", "\(error)")
        }
    }

    private init(_ error: EventLogError) {
        switch error.code {
        case .diskFull: self.init(.stage, "disk-full", error.message)
        case .wrongRevision: self.init(.passing, error.code.rawValue, error.message)
        default: self.init(.stage, error.code.rawValue, error.message)
        }
    }

    private init(_ error: ImagingError) {
        switch error.code {
        case .outOfMemory, .unreadableFile, .cancelled: self.init(.passing, error.code.rawValue, error.explanation)
        default: self.init(.item, error.code.rawValue, error.explanation)
        }
    }

    private init(_ error: DVCError) {
        if let cause = error.cause {
            self.init(cause)
            return
        }
        switch error.code {
        case .lockHeld, .gitBusy, .busy, .indexDirty, .tagTaken, .dvcFailed:
            self.init(.passing, error.code.rawValue, error.message)
        // One partition's trouble: the others go on.
        case .conflict, .objectMissing, .objectDamaged, .badPartition, .badPath, .badManifest, .badPointer:
            self.init(.passing, error.code.rawValue, error.message)
        default: self.init(.stage, error.code.rawValue, error.message)
        }
    }

    private init(_ error: S3Error) {
        let scope: Scope =
            switch error.code {
            case .gone, .changed, .archived, .exists: .item
            case .expired, .noCredentials, .clockSkew, .noBucket, .throttled: .source
            // The refusal may be of one object or of all: who asks for others finds out.
            case .denied, .badRequest: .passing
            case .damaged, .unavailable, .badAnswer, .transport, .cancelled: .passing
            }
        self.init(scope, error.code.rawValue, error.message, retryAfter: error.retryAfter)
    }

    private init(_ error: FileError) {
        switch error.code {
        case .noSpace: self.init(.stage, "disk-full", error.message)
        default: self.init(.passing, error.code.rawValue, error.message)
        }
    }
}
