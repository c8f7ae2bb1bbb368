import EventLog
import Intake
import Logging
import Projections

/// An intake of a folder with a real log and catalog beside it.
final class FolderStore: Sendable {
    let log: EventLog
    let projector: Projector
    let intake: FolderIntake

    init(_ folder: TemporaryFolder, tree: String? = nil) throws {
        log = try EventLog.open(path: folder.outside + "/log.db", actor: "test")
        projector = try Projector(path: folder.outside + "/projections.db", log: log, views: [Catalog()])
        let root = tree ?? folder.path
        intake = FolderIntake(
            root: root,
            bucket: root,
            log: log,
            projector: projector,
            onRemove: "keep",
            excluding: [],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs a body while the catalog follows the log.
    func run<Value: Sendable>(_ body: @escaping @Sendable (FolderIntake) async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { [projector] in
                try await projector.follow()
                return nil
            }
            group.addTask { [intake] in try await body(intake) }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
