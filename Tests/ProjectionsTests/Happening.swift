import Events

/// What happens to objects, in few words: each makes the events that a stage would append.
enum Happening {
    static func content(_ name: String) -> Digest { Digest(of: name.utf8) }

    static func recipe(_ size: Int) -> Recipe {
        Recipe(engineRevision: 1, settings: ["tile_size": "\(size)"])
    }

    static func object(
        _ key: String,
        _ version: Int = 1,
        bucket: String = "/srv/flights",
        isLate: Bool = false
    ) -> ObjectObserved {
        ObjectObserved(
            source: "folder",
            bucket: bucket,
            key: key,
            version: String(version),
            size: 10,
            modifiedAt: nil,
            isLate: isLate
        )
    }

    static func adopted(_ size: Int) -> ProposedEvent {
        ProposedEvent(RecipeAdopted(recipe: recipe(size)), stream: .recipe)
    }

    static func requested(
        _ id: String,
        _ size: Int,
        partitions: [String] = [],
        prefix: String? = nil,
        isIncremental: Bool = false
    ) -> ProposedEvent {
        ProposedEvent(
            ReprocessRequested(
                recipe: recipe(size),
                partitions: partitions,
                prefix: prefix,
                isIncremental: isIncremental
            ),
            stream: .generation(id)
        )
    }

    static func cancelled(_ id: String) -> ProposedEvent {
        ProposedEvent(ReprocessCancelled(reason: "asked"), stream: .generation(id))
    }

    static func cutOver(_ id: String, _ size: Int) -> ProposedEvent {
        ProposedEvent(
            GenerationCutOver(
                recipe: recipe(size).digest,
                previous: nil,
                partitions: [],
                objects: 1,
                tiles: 2,
                failed: 0
            ),
            stream: .generation(id)
        )
    }

    static func observed(_ object: ObjectObserved) -> ProposedEvent {
        ProposedEvent(object, stream: .object(object.objectID))
    }

    static func fetched(_ object: ObjectObserved, _ content: String) -> ProposedEvent {
        ProposedEvent(
            ObjectFetched(sha256: Self.content(content), bytes: 10, kept: "copy"),
            stream: .object(object.objectID)
        )
    }

    static func validated(_ object: ObjectObserved) -> ProposedEvent {
        ProposedEvent(
            ObjectValidated(
                format: "png",
                width: 1,
                height: 1,
                channels: 1,
                bitDepth: 8,
                colourModel: "grey",
                conversion: nil,
                trailingBytes: 0,
                orientation: 1,
                metadata: CanonicalText(Array("{}".utf8))
            ),
            stream: .object(object.objectID)
        )
    }

    static func released(_ object: ObjectObserved) -> ProposedEvent {
        ProposedEvent(ObjectReleased(reason: "corrupt"), stream: .object(object.objectID))
    }

    static func dismissed(_ object: ObjectObserved) -> ProposedEvent {
        ProposedEvent(ObjectDismissed(reason: "corrupt"), stream: .object(object.objectID))
    }

    static func lost(_ content: String, _ size: Int) -> ProposedEvent {
        let (source, recipe) = (Self.content(content), recipe(size).digest)
        return ProposedEvent(
            DerivationFailed(sourceSHA256: source, recipe: recipe, reason: "tiles-differ", message: "m", isLost: true),
            stream: .derivation(Identity.derivation(source: source, recipe: recipe))
        )
    }

    static func started(maxPixels: Int) -> ProposedEvent {
        ProposedEvent(
            AgentStarted(version: "1", engineRevision: 1, host: "h", pid: 1, mode: "run", maxPixels: maxPixels),
            stream: .agent
        )
    }

    static func removed(_ object: ObjectObserved, _ onRemove: String = "keep") -> ProposedEvent {
        ProposedEvent(ObjectRemoved(onRemove: onRemove), stream: .object(object.objectID))
    }

    static func quarantined(
        _ object: ObjectObserved,
        _ reason: String = "corrupt",
        stage: String = "tiling"
    ) -> ProposedEvent {
        ProposedEvent(
            ObjectQuarantined(stage: stage, reason: reason, message: "upload it again"),
            stream: .object(object.objectID)
        )
    }

    /// Intent, two tiles and receipt for a content under a recipe; the tiles' names tell both.
    ///
    /// - Parameter library: its tiles have bytes of their own.
    static func derived(_ content: String, _ size: Int, library: String = "") -> [ProposedEvent] {
        let source = Self.content(content)
        let recipe = recipe(size).digest
        let stream = StreamName.derivation(Identity.derivation(source: source, recipe: recipe))
        let started = DerivationStarted(
            object: "",
            sourceSHA256: source,
            recipe: recipe,
            engineRevision: 1,
            host: "test"
        )
        let tiles = (0..<2).map { column in
            let bytes = Digest(of: "\(content) \(size) \(column)\(library)".utf8)
            return TileWritten(
                name: "0_\(column).png",
                place: TilePlace(
                    row: 0,
                    column: column,
                    x: 0,
                    y: 0,
                    width: size,
                    height: size,
                    validWidth: size,
                    validHeight: size
                ),
                edge: "shift",
                affine: [1, 0, 0, 0, 1, 0],
                variant: 0,
                augmentation: nil,
                bytes: size,
                sha256: bytes,
                md5: hex(bytes.bytes.prefix(16)),
                footprint: nil
            )
        }
        let completed = DerivationCompleted(
            sourceSHA256: source,
            recipe: recipe,
            tiles: 2,
            tileBytes: 2 * size,
            width: size,
            height: size,
            indexBytes: 1,
            indexSHA256: source,
            indexMD5: hex(source.bytes.prefix(16)),
            seconds: 0.5
        )
        return [ProposedEvent(started, stream: stream)] + tiles.map { ProposedEvent($0, stream: stream) }
            + [ProposedEvent(completed, stream: stream)]
    }

    static func commitStarted(
        _ id: String,
        _ partition: String,
        _ size: Int,
        through position: Int
    ) -> ProposedEvent {
        ProposedEvent(
            DatasetCommitStarted(
                commitID: id,
                partition: partition,
                recipe: recipe(size).digest,
                manifest: "m-\(id).dir",
                previous: nil,
                files: 3,
                bytes: 3,
                added: 3,
                changed: 0,
                removed: 0,
                fromPosition: 1,
                throughPosition: position,
                remote: "origin"
            ),
            stream: .dataset(partition)
        )
    }

    static func committed(_ id: String, _ partition: String) -> ProposedEvent {
        ProposedEvent(
            DatasetCommitted(
                commitID: id,
                partition: partition,
                manifest: "m-\(id).dir",
                gitCommit: "abc",
                pointer: "\(partition).dvc",
                logSize: 1,
                logRoot: content("root")
            ),
            stream: .dataset(partition)
        )
    }

    static func pushed(_ id: String, _ partition: String) -> ProposedEvent {
        ProposedEvent(
            DatasetPushed(
                commitID: id,
                partition: partition,
                manifest: "m-\(id).dir",
                remote: "origin",
                objectsSent: 1,
                bytesSent: 1
            ),
            stream: .dataset(partition)
        )
    }
}
