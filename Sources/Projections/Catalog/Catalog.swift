package import Events
package import GRDB

/// What the catalog reads of an event before it is folded.
///
/// It is a type of its own because swift-symbolgraph-extract of Swift 6.3 can't read a module in which it is none.
package struct CatalogReading: Sendable {
    /// The tile that a `TileWritten` tells of; nil for any other event.
    let tile: Result<WrittenTile, EventError>?
}

/// The view of what there is and what is to be done: objects, derivations, tiles, dataset versions, notifications, and
/// the work list that the stages take their work from.
///
/// They are one view because the work list follows from all of them: with a cursor each, a stage could see work for a
/// dataset whose tiles another table does not have yet.
package struct Catalog: View {
    package static let name: String = "catalog"

    package let name: String = Catalog.name
    package let revision = 2
    package let tables = [
        "keys", "partitions", "recipes", "derivations", "objects", "tiles", "tile_digests", "entries", "generations",
        "successors", "commits", "former_commits", "damages", "notifications", "endpoints",
        "work", "limits", "partitioning", "pauses", "notices",
    ]
    package let payloadTypes = Set(EventType.allCases.map(\.rawValue))

    private let tiles = TilePage()

    package init() {}

    package func startPage() {
        tiles.start()
    }

    package func finishPage(in database: Database) throws {
        try tiles.write(to: database)
    }

    package func read(_ event: inout RecordedEvent) -> CatalogReading {
        guard event.type == TileWritten.type.rawValue else { return CatalogReading(tile: nil) }
        // Of a hundred events all but a few are tiles: what they are made of goes here, beside the folding.
        defer { event.dropPayload() }
        return CatalogReading(tile: Result { () throws(EventError) in try WrittenTile(event) })
    }

    package func apply(_ event: RecordedEvent, _ reading: CatalogReading, to database: Database) throws {
        do {
            if let tile = reading.tile { return try tiles.add(tile.get(), event, in: database) }
            tiles.noteOtherEvent()
            guard let type = EventType(rawValue: event.type) else { return }
            let tables = CatalogTables(database, tiles)
            try fold(type, event, tables)
            try announce(type, event, tables)
        } catch let error as EventError where error.code == .unknownEvent {
            // A newer version of a known type: kept and counted, folded by a program that knows it.
        }
        guard EventType(rawValue: event.type) != nil else { return }
        try CatalogTables(database).noteRevision(event)
    }

    /// Asks for an event to be told to whoever wants it.
    private func announce(_ type: EventType, _ event: RecordedEvent, _ tables: CatalogTables) throws {
        let id = StreamName.id(of: event.stream)
        switch type {
        case .datasetCommitted: try tables.announce(.datasetCommitted, partition: id, event)
        case .datasetPushed: try tables.announce(.datasetPushed, partition: id, event)
        case .datasetRebased: try tables.announce(.datasetRebased, partition: id, event)
        case .objectQuarantined where event.stream == StreamName.object(id).text:
            try tables.announce(.objectQuarantined, partition: try tables.partition(ofObject: id), event)
        case .stageFailed:
            let failed = try event.decode(StageFailed.self)
            guard failed.item == nil, SourceName.of(stage: failed.stage) != nil else { return }
            try tables.announce(.sourceDown, partition: nil, event)
        case .stageResumed:
            guard SourceName.of(stage: try event.decode(StageResumed.self).stage) != nil else { return }
            try tables.announce(.sourceRecovered, partition: nil, event)
        case .generationCutOver: try tables.announce(.generationCutOver, partition: nil, event)
        case .auditCompleted:
            guard try event.decode(AuditCompleted.self).damages > 0 else { return }
            try tables.announce(.auditFailed, partition: nil, event)
        default: break
        }
    }

    private func fold(_ type: EventType, _ event: RecordedEvent, _ tables: CatalogTables) throws {
        switch type {
        case .objectObserved: try tables.observe(try event.decode(), event)
        case .objectRemoved: try tables.remove(try event.decode(), event)
        case .objectFetched: try tables.fetch(try event.decode(), event)
        case .objectValidated: try tables.validate(event)
        case .objectQuarantined: try tables.quarantine(try event.decode(), event)
        case .objectReleased: try tables.release(event)
        case .objectDismissed: try tables.dismiss(event)
        case .recipeAdopted: try tables.adopt(try event.decode(), event)
        case .reprocessRequested: try tables.request(try event.decode(), event)
        case .reprocessCancelled: try tables.cancelGeneration(event)
        case .generationCutOver: try tables.cutOver(try event.decode(), event)
        case .generationSwept: try tables.forgetDiscarded(event)
        case .derivationFailed: try tables.failDerivation(try event.decode(), event)
        case .derivationStarted: try tables.startDerivation(try event.decode(), event)
        case .derivationCompleted: try tables.completeDerivation(try event.decode(), event)
        case .commitRequested: try tables.requestCommit(try event.decode(), event)
        case .datasetCommitStarted: try tables.startCommit(try event.decode(), event)
        case .datasetCommitted: try tables.completeCommit(try event.decode(), event)
        case .pushRequested: try tables.requestPush(try event.decode(), event)
        case .datasetPushed: try tables.completePush(try event.decode(), event)
        case .datasetRebased: try tables.rebaseCommit(try event.decode(), event)
        case .datasetShared: try tables.completeSharing(try event.decode(), event)
        case .datasetLost: try tables.loseDataset(try event.decode(), event)
        case .notificationQueued: try tables.queue(try event.decode(), event)
        case .notificationAttempted: try tables.attempt(try event.decode(), event)
        case .notificationDelivered: try tables.endNotification("delivered", event)
        case .notificationAbandoned: try tables.endNotification("abandoned", event)
        case .redeliveryRequested: try tables.redeliver(event)
        case .endpointAdopted: try tables.adoptEndpoint(try event.decode(), event)
        case .endpointDisabled: try tables.disableEndpoint(try event.decode(), event)
        case .stageFailed: try tables.fail(try event.decode(), event)
        case .stageResumed: try tables.endPause(try event.decode(StageResumed.self).stage)
        case .agentStarted: try tables.startAgent(try event.decode(), event)
        // Tiles are written with their page; the number of those skipped is in the receipt of the derivation.
        case .tileWritten, .tileSkipped, .agentStopped, .logRestored, .restoreAccepted, .auditCompleted: break
        case .artifactDamaged: try tables.damage(try event.decode(), event)
        case .artifactVerified: try tables.clearDamage(try event.decode())
        }
    }
}

/// The catalog's tables while one event is folded into them.
struct CatalogTables {
    let database: Database
    private let page: TilePage?

    init(_ database: Database, _ page: TilePage? = nil) {
        self.database = database
        self.page = page
    }

    /// Writes the tiles of the page that were folded so far: before any are deleted.
    func writeTiles() throws {
        try page?.write(to: database)
    }
}
