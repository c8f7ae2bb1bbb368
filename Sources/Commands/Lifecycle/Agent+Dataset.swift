import DVC
import EventLog
import Events
import Files
import Lineage
import Logging
import Projections
import Stages

extension Agent {
    /// Throws where the store's own dataset is gone, or never was there: nobody said that another one is to begin.
    static func refuseLoss(of dataset: String, _ catalog: CatalogReader) async throws {
        guard try fileInfo("\(dataset)/.git") == nil,
            try await catalog.commits().contains(where: { $0.committedPosition != nil })
        else { return }
        throw SettingsError(
            .missing,
            "the store has dataset versions, and \(dataset) is no git repository: name theirs by dataset_repo; `--dataset-repo \(dataset)` begins a new one"
        )
    }

    /// Says that the dataset was in another repository until now, which stays as it is.
    static func tellOfOtherDataset(_ log: EventLog, _ paths: StorePaths, _ logger: Logger) async throws {
        let before = try await log.datasetRepository() ?? StorePaths(root: paths.root).dataset
        guard before != paths.dataset, try fileInfo("\(before)/.git") != nil else { return }
        logger.warning(
            "The dataset goes into another repository than before: its next versions are made there, and the old one keeps what it has.",
            metadata: ["before": "\(before)", "now": "\(paths.dataset)"]
        )
    }

    /// Finds and records dataset versions that a restored log has forgotten.
    static func recall(
        _ repository: DatasetRepository,
        _ log: EventLog,
        _ opened: Int,
        _ catalog: CatalogReader,
        _ paths: StorePaths,
        _ logger: Logger
    ) async throws -> ForgottenVersions {
        let forgotten = try await ForgottenVersions(
            log: log,
            size: opened,
            catalog: catalog,
            repository: repository,
            keys: try LogKeys(paths).published()
        )
        if let position = try await forgotten.record(in: log) {
            logger.warning(
                "The dataset's history is ahead of the log, as after a backup was restored.",
                metadata: [
                    "commits": "\(forgotten.commits.count)", "position": "\(position)",
                    "accept": "swathlog audit verify --accept-restore \(position) --record",
                ]
            )
        }
        if !forgotten.otherLogs.isEmpty {
            logger.notice(
                "The dataset has versions that other logs tell of: no audit of this one checks them.",
                metadata: ["logs": "\(forgotten.otherLogs.joined(separator: " "))"]
            )
        }
        return forgotten
    }

    /// Records which partitions the dataset lacks.
    static func recordLoss(of lost: LostPartitions, in log: EventLog, _ logger: Logger) async throws {
        guard let first = lost.versions.first else { return }
        logger.warning(
            "The dataset's repository does not have these partitions, as one that is begun anew: they get a version again.",
            metadata: ["partitions": "\(lost.versions.count)", "first": "\(first.partition)"]
        )
        try await lost.record(in: log)
    }

    /// Has a remote that was named late get what was made before.
    static func requestPushes(_ late: LatePushes, in log: EventLog, _ logger: Logger) async throws {
        guard !late.versions.isEmpty else { return }
        logger.notice(
            "The remote lacks versions that were made before it was named: they are pushed now.",
            metadata: ["remote": "\(late.remote)", "partitions": "\(late.versions.count)"]
        )
        try await late.request(in: log)
    }
}
