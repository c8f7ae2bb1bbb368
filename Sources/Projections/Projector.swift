package import EventLog
import Events
import Foundation
package import GRDB
import Migrations
import ServiceLifecycle
import Synchronization

/// Keeps the views up to date with the log: it replays what they have not read, then follows.
///
/// A view's cursor commits in the transaction of its rows, so a view is never ahead of or behind its cursor, and a
/// rebuild that was killed goes on where it was. A view that meets an event that it cannot fold stops there, with the
/// position and the error in its status; the others go on.
package final class Projector: Sendable {
    /// The views' tables, for reading.
    package let database: any DatabaseWriter
    private let path: String
    private let log: EventLog
    private let views: [any View]
    private let cursors: [String: PositionSignal]
    private let changes = ChangeSignal()
    private let onPause: @Sendable (ProjectionsError?) -> Void
    /// Why views stand still, by name.
    private let stopped = Mutex<[String: String]>([:])
    private let isLogKnown = Mutex(false)
    /// Events to be folded from which on it is worth while to keep more pages, and to fold more events at a time: rows that
    /// each page of events comes back to are written less often then.
    private static let rebuildSize = 100_000
    private static let rebuildPageSize = 4 * EventLog.pageSize

    /// Opens `projections.db` at `path`, made anew where it is missing.
    ///
    /// - Parameter onPause: is told why nothing can be folded at present when that begins, and nil when it has passed.
    package convenience init(
        path: String,
        log: EventLog,
        views: [any View],
        onPause: @escaping @Sendable (ProjectionsError?) -> Void = { _ in }
    ) throws {
        try self.init(path: path, ProjectionsFile.open(path), log: log, views: views, onPause: onPause)
    }

    /// Views that are built for this process alone, and go with it.
    package convenience init(temporaryOf log: EventLog, views: [any View]) throws {
        try self.init(
            path: "\(FileManager.default.temporaryDirectory.path)/",
            ProjectionsFile.openTemporary(),
            log: log,
            views: views,
            onPause: { _ in }
        )
    }

    private init(
        path: String,
        _ database: any DatabaseWriter,
        log: EventLog,
        views: [any View],
        onPause: @escaping @Sendable (ProjectionsError?) -> Void
    ) throws {
        self.path = path
        self.log = log
        self.views = views
        self.onPause = onPause
        self.database = database
        var cursors: [String: PositionSignal] = [:]
        for view in views {
            cursors[view.name] = PositionSignal(try ProjectionsFile.prepare(view, in: database))
        }
        self.cursors = cursors
    }

    /// Drops the tables of the named views (all when none is named), so that the next catch-up builds them anew.
    package func reset(_ names: [String]) throws {
        for name in names where !views.contains(where: { $0.name == name }) {
            let known = views.map(\.name).joined(separator: ", ")
            throw ProjectionsError(.unknownView, "there is no view '\(name)': the views are \(known)")
        }
        for view in views where names.isEmpty || names.contains(view.name) {
            try rebuild(view)
        }
    }

    private func rebuild(_ view: any View) throws {
        try ProjectionsFile.rebuild(view, in: database)
        cursors[view.name]?.rewind()
        stopped.withLock { $0[view.name] = nil }
    }

    /// Starts those views anew that were built from another log: one that has since been restored from a backup.
    private func dropWhatIsOfAnotherLog() async throws {
        guard !isLogKnown.withLock({ $0 }) else { return }
        for view in views {
            let last = try await database.read { try ProjectionsFile.lastEvent(of: view.name, in: $0) }
            guard let last, try await log.event(at: last.position)?.id != last.id else { continue }
            try rebuild(view)
        }
        isLogKnown.withLock { $0 = true }
    }

    /// Folds all events that are in the log now.
    ///
    /// - Throws: `disk-full`, after which it can be called again.
    /// - Parameters:
    ///   - through: the last event to fold, for views as of then.
    ///   - progress: called after each page with the events folded and to be folded, over all views.
    package func catchUp(
        through: Int = .max,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws {
        try await dropWhatIsOfAnotherLog()
        let head = min(log.headPosition, through)
        let statuses = try await currentStatus()
        // A command beside the agent may have folded what the agent's own stages wait for.
        for status in statuses { note(status) }
        let total = statuses.reduce(0) { $0 + max(0, head - $1.position) }
        var done = 0
        let isRebuilding = total > Self.rebuildSize
        if isRebuilding { try await ProjectionsFile.setCache(isRebuilding: true, in: database) }
        for (index, view) in views.enumerated() {
            let size = isRebuilding ? Self.rebuildPageSize : EventLog.pageSize
            try await catchUp(view, from: statuses[index], head: head, through: through, pageSize: size) { folded in
                done += folded
                progress(done, total)
            }
        }
        if isRebuilding { try await ProjectionsFile.setCache(isRebuilding: false, in: database) }
    }

    private func catchUp<Viewer: View>(
        _ view: Viewer,
        from start: ViewStatus,
        head: Int,
        through: Int,
        pageSize: Int,
        progress: (_ folded: Int) -> Void
    ) async throws {
        @Sendable
        func read(after position: Int) async throws -> ViewPage<Viewer> {
            try await self.read(after: position, through: through, limit: pageSize, for: view)
        }
        var status = start
        var page = ViewPage<Viewer>(after: status.position)
        while status.failedPosition == nil, status.position < head {
            try Task.checkCancellation()
            let before = status.position
            if page.position != before || page.events.isEmpty {
                page = try await read(after: before)
            }
            // The next page is read while this one is folded.
            let last = page.events.last?.position ?? head
            async let next = last < head ? read(after: last) : ViewPage(after: last)
            status = try await fold(page, into: view)
            page = try await next
            progress(status.position - before)
        }
    }

    private func read<Viewer: View>(
        after position: Int,
        through: Int,
        limit: Int,
        for view: Viewer
    ) async throws -> ViewPage<Viewer> {
        var page = ViewPage<Viewer>(after: position)
        page.events = try await log.read(after: position, through: through, limit: limit, payloads: view.payloadTypes)
        page.readings.reserveCapacity(page.events.count)
        for index in page.events.indices { page.readings.append(view.read(&page.events[index])) }
        return page
    }

    /// Follows the log until the task is cancelled.
    package func follow() async throws {
        while true {
            try await catchUpWhenThereIsRoom()
            let reached =
                try await currentStatus().filter { $0.failedPosition == nil }.map(\.position).min() ?? log.headPosition
            try await log.waitForEvents(after: reached)
        }
    }

    /// A full disk is waited out: whoever waits for the views goes on as soon as there is room.
    private func catchUpWhenThereIsRoom() async throws {
        var isPaused = false
        while true {
            do {
                try await catchUp()
                if isPaused { onPause(nil) }
                return
            } catch let error as ProjectionsError where error.code == .diskFull {
                if !isPaused { onPause(error) }
                isPaused = true
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Returns once a view has folded the event at `position`.
    ///
    /// - Throws: `view-stopped` when it cannot get there.
    package func wait(for view: String, toReach position: Int) async throws {
        guard let cursor = cursors[view] else { throw ProjectionsError(.unknownView, "there is no view '\(view)'") }
        while true {
            let count = changes.count
            if cursor.position >= position { return }
            if let failure = stop(of: view) { throw ProjectionsError(.viewStopped, failure) }
            try await changes.wait(after: count)
        }
    }

    /// Why a view stopped; nil while it goes on.
    package func stop(of view: String) -> String? {
        stopped.withLock { $0[view] }
    }

    /// A value that changes with every page that is folded, to wait for the next with.
    package var changeCount: Int { changes.count }

    /// Wakes those who wait for a change, though no page was folded: something else that they look at has changed.
    package func nudge() {
        changes.advance()
    }

    /// Returns once a page was folded after `changeCount` was `count`.
    package func waitForChange(after count: Int) async throws {
        try await changes.wait(after: count)
    }

    /// How far each view is, for those who share their thread with others: a read may have to wait for another one.
    package func currentStatus() async throws -> [ViewStatus] {
        try await database.read { [views] database in
            try views.map { try ProjectionsFile.status(of: $0.name, in: database) }
        }
    }

    /// How far each view is.
    package func status() throws -> [ViewStatus] {
        try database.read { database in try views.map { try ProjectionsFile.status(of: $0.name, in: database) } }
    }

    private func fold<Viewer: View>(_ page: ViewPage<Viewer>, into view: Viewer) async throws -> ViewStatus {
        let status: ViewStatus
        do {
            status = try await database.write {
                try ProjectionsFile.fold(page, into: view, in: $0)
            }
        } catch let error as DatabaseError where error.meansDiskFull(at: path) {
            throw ProjectionsError(diskFull: path)
        }
        note(status)
        return status
    }

    /// Wakes who waits for what a view has reached.
    private func note(_ status: ViewStatus) {
        guard let cursor = cursors[status.name] else { return }
        // A command beside the agent may have built it anew.
        stopped.withLock { stopped in
            stopped[status.name] = status.failedPosition.map {
                "the view '\(status.name)' stopped at position \($0): \(status.failure ?? "no more is known")"
            }
        }
        guard cursor.position < status.position || status.failedPosition != nil else { return }
        cursor.advance(to: status.position)
        changes.advance()
    }
}

extension Projector: Service {
    /// Follows the log until the service group shuts down.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            do { try await self.follow() } catch is CancellationError {}
        }
    }
}

/// Counts changes, and lets others wait for the next.
private final class ChangeSignal: Sendable {
    private let signal = PositionSignal(0)

    var count: Int { signal.position }

    func advance() {
        signal.advance()
    }

    func wait(after count: Int) async throws {
        try await signal.wait(past: count)
    }
}
