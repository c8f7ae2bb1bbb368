import EventLog
import Events
import Files
import Logging
import Projections

extension FetchingStage {
    /// How soon it is looked whether there is room now.
    private static let roomPause = Duration.seconds(5)

    /// Has an object wait until the disk has room for it, and says so once; smaller ones go on meanwhile.
    func waitForRoom(_ item: WorkItem, _ object: CatalogObject, free: Int) async -> Postponement {
        let next = time.now() + Self.roomPause
        guard room.isNews(item.item) else { return .until(next) }
        let message =
            "\(object.key) has \(object.size >> 20) MiB, and the disk that holds \(paths.root) has \(free >> 20) MiB free; make room, it is fetched by itself then"
        logger.error(
            "An object waits for room on the disk.",
            metadata: ["stage": "\(name)", "item": "\(item.item)", "message": "\(message)"]
        )
        let event = StageFailed(
            stage: name,
            item: item.item,
            // Nothing was tried, and what is shown as failing has an attempt at least.
            attempt: max(1, item.attempts),
            reason: "disk-full",
            message: message,
            nextAttemptAt: next
        )
        // On a full disk the log may take nothing either; the object waits all the same.
        _ = try? await log.append([ProposedEvent(event, stream: .agent, cause: .event(item.position))])
        return .until(next)
    }

    /// What a full disk says of an object: where others would still fit, it waits alone, else the stage does.
    func judgeFullDisk(_ failure: StageFailure, _ item: WorkItem, _ object: CatalogObject) throws -> StageFailure {
        room.didNotDo(for: item.item)
        let free = try freeBytes(at: paths.spool)
        // A quota may refuse what the disk would have room for.
        guard free >= roomToGoOn, free < object.size + roomToGoOn else { return failure }
        return StageFailure(.source, failure.reason, failure.message)
    }
}

extension StageFailure {
    /// Whether bytes found no room on the disk.
    var isFullDisk: Bool { scope == .stage && reason == "disk-full" }
}
