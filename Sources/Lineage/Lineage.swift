package import EventLog
import Events
import Foundation
package import GRDB

/// Answers where anything came from and what became of it, from the catalog's tables and the events behind them.
package struct Lineage: Sendable {
    private let log: EventLog
    private let database: any DatabaseReader

    package init(log: EventLog, database: any DatabaseReader) {
        self.log = log
        self.database = database
    }

    /// The chain of the thing that `identifier` names: a source key, object id, tile path, prefix of a SHA-256 or MD5,
    /// manifest id, pointer file, git commit, notification id or log position (`#12` is never anything else).
    ///
    /// - Throws: `id-not-found`, or `id-ambiguous` with what it could be.
    package func answer(_ identifier: String) async throws -> LineageAnswer {
        let isPosition = identifier.first == "#" && Int(identifier.dropFirst()) != nil
        let named = try await event(named: isPosition ? String(identifier.dropFirst()) : identifier)
        let name = try named.flatMap(Self.nameOfEvent)
        let (subject, drafts) = try await database.read { database in
            let resolver = IdentifierResolver(database: database)
            // Digits alone may be a position, and the beginning of a digest too.
            var found = try name.map(resolver.subjects) ?? []
            if !isPosition { found += try resolver.subjects(identifier) }
            if found.isEmpty, let named, name == nil { throw Self.belongsToNothing(named) }
            let subject = try single(Self.unique(found), identifier)
            return (subject, try LineageSteps(database: database).steps(of: subject))
        }
        // In the order in which things happened; what follows from several events stands first.
        let ordered = drafts.enumerated().sorted {
            ($0.element.position ?? 0, $0.offset) < ($1.element.position ?? 0, $1.offset)
        }
        var steps: [LineageStep] = []
        for (_, draft) in ordered {
            let event = try await event(of: draft)
            let window = draft.kind == "tile" ? try event.map(Self.windowFacts) ?? [] : []
            steps.append(
                LineageStep(
                    kind: draft.kind,
                    position: draft.position,
                    recordedAt: event?.recordedAt,
                    facts: draft.facts + window,
                    thread: draft.thread
                )
            )
        }
        return LineageAnswer(subject: subject, steps: steps)
    }

    /// All tiles that the subject led to, or is: each with its path in the dataset where it has or had one.
    package func tiles(of subject: LineageSubject) async throws -> [LineageTile] {
        try await database.read { try LineageTile.all(of: subject, in: $0) }
    }

    private func event(of draft: LineageSteps.Draft) async throws -> RecordedEvent? {
        guard let position = draft.position else { return nil }
        return try await log.event(at: position)
    }

    /// Where in its source a tile lies, from its event: the catalog has only what is asked for by name or digest.
    private static func windowFacts(_ event: RecordedEvent) throws -> [LineageStep.Fact] {
        let tile = try event.decode(TileWritten.self)
        let place = tile.place
        var facts = [
            LineageStep.Fact("row", .whole(place.row)), LineageStep.Fact("col", .whole(place.column)),
            LineageStep.Fact("window", .text("\(place.width)x\(place.height)+\(place.x)+\(place.y)")),
        ]
        if (place.validWidth, place.validHeight) != (place.width, place.height) {
            facts.append(LineageStep.Fact("valid", .text("\(place.validWidth)x\(place.validHeight)")))
        }
        if let steps = tile.augmentation {
            facts.append(LineageStep.Fact("variant", .whole(tile.variant)))
            facts.append(LineageStep.Fact("augmentation", .text(String(decoding: steps.bytes, as: UTF8.self))))
        }
        if let footprint = tile.footprint {
            let ring = footprint.ring.map { $0.map { String($0) }.joined(separator: " ") }
            facts.append(LineageStep.Fact("footprint", .text(ring.joined(separator: ", "))))
            if let error = footprint.errorMetres { facts.append(LineageStep.Fact("footprint_error_m", .number(error))) }
        }
        return facts
    }

    /// The event at the position that a text names; nil when it names none.
    private func event(named text: String) async throws -> RecordedEvent? {
        guard let position = Int(text), position > 0 else { return nil }
        return try await log.event(at: position)
    }

    /// The identifier of the stream that an event belongs to; nil when that is nothing that can be asked for.
    private static func nameOfEvent(_ event: RecordedEvent) throws -> String? {
        switch event.type {
        case EventType.tileWritten.rawValue:
            return "\(StreamName.id(of: event.stream))/\(try event.decode(TileWritten.self).name)"
        case EventType.datasetCommitStarted.rawValue: return try event.decode(DatasetCommitStarted.self).commitID
        case EventType.datasetCommitted.rawValue: return try event.decode(DatasetCommitted.self).commitID
        case EventType.datasetRebased.rawValue: return try event.decode(DatasetRebased.self).commitID
        case EventType.datasetShared.rawValue: return try event.decode(DatasetShared.self).commitID
        case EventType.datasetLost.rawValue: return try event.decode(DatasetLost.self).commitID
        case EventType.pushRequested.rawValue: return try event.decode(PushRequested.self).commitID
        case EventType.datasetPushed.rawValue: return try event.decode(DatasetPushed.self).commitID
        default:
            return event.stream.contains("/") ? StreamName.id(of: event.stream) : nil
        }
    }

    private static func belongsToNothing(_ event: RecordedEvent) -> LineageError {
        LineageError(
            .notFound,
            "position \(event.position) is \(event.type), which belongs to no object: see it with `swathlog log --from \(event.position)`"
        )
    }

    /// The same thing may be found by several of its names.
    private static func unique(_ subjects: [LineageSubject]) -> [LineageSubject] {
        var seen: Set<LineageSubject> = []
        return subjects.filter { seen.insert($0).inserted }
    }

    private func single(_ subjects: [LineageSubject], _ text: String) throws -> LineageSubject {
        guard let first = subjects.first else {
            throw LineageError(
                .notFound,
                "nothing here is called '\(text)': give a source key, tile path, digest prefix (6 digits or more), git commit or log position"
            )
        }
        guard subjects.count > 1 else { return first }
        let list = subjects.prefix(10).map { "\($0.kind) \($0.id)" }.joined(separator: ", ")
        throw LineageError(.ambiguous, "'\(text)' could be \(list): give more of it, or #N for log position N")
    }
}
