import Events
import Files
import Intake
import Logging
import ObjectStores
import Projections
import Stages

extension Agent {
    /// The real path of a folder or file; asked for before the store is opened, which adopts settings.
    @discardableResult
    static func resolve(_ path: String) throws -> String {
        guard let real = try realPath(path) else {
            throw SettingsError(.badValue, "\(path) does not exist: name a folder of images or an image")
        }
        return real
    }

    /// The intake of a folder or file.
    func intake(of path: String) throws -> FolderIntake {
        let real = try Self.resolve(path)
        let bucket = try fileInfo(real)?.kind == .directory ? real : parent(of: real)
        return FolderIntake(
            root: real,
            bucket: bucket,
            log: log,
            projector: projector,
            memory: paths.memory(of: bucket),
            onRemove: settings.onRemove,
            // What is made of a source is no part of it.
            excluding: try ([paths.root] + [settings.remote.directory].compactMap(\.self)).map {
                try realPath($0) ?? $0
            },
            logger: logger
        )
    }

    /// The one intake of these places in buckets.
    func intake(of places: [S3Location]) throws -> ObservationIntake {
        if !places.isEmpty { try buckets.check() }
        for place in places where isFirst { warnOfOnePartition(place) }
        return buckets.intake(of: places, log: log, projector: projector, onRemove: settings.onRemove, logger: logger)
    }

    /// Says that all of a place would be one partition, because the first folder of its keys is that of its prefix.
    private func warnOfOnePartition(_ place: S3Location) {
        guard settings.partition == .standard, !place.prefix.isEmpty else { return }
        let folders = place.prefix.split(separator: "/").count
        logger.warning(
            "All objects come into one partition: its name is the first folder of a key, which is the prefix's. The setting partition names others.",
            metadata: [
                "source": "\(place.url)", "partition": "\(settings.partition.text)", "instead": "{\(folders + 1)}",
            ]
        )
    }

    /// The polling of a place in a bucket.
    func polling(_ location: S3Location, intake: ObservationIntake) -> BucketIntake {
        let room = room
        return buckets.polling(location, intake: intake, catalog: catalog, paths: paths, logger: logger) {
            try await room.wait(location.url)
        }
    }

    /// The water marks that intake keeps to.
    var room: IntakeRoom {
        IntakeRoom(
            projector,
            path: paths.root,
            limit: settings.sources.backlogLimit,
            board: board,
            logger: logger,
            onWait: sourcesWereLookedAt
        )
    }
}
