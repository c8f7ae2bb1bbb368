import Events

/// One event of each type, with every field set and awkward text where text is free.
enum PayloadSamples {
    static let photograph = Digest(of: "a photograph".utf8)
    static let tile = Digest(of: "a tile".utf8)
    static let md5 = "0cc175b9c0f1b6a831c399e269772661"
    static let objectID = "00112233445566778899aabbccddeeff"
    static let commitID = "018f0000-0000-7000-8000-000000000001"
    static let recipe = Recipe(
        engineRevision: 1,
        settings: ["tile_size": "512", "tile_overlap": "64", "tile_format": "jpeg", "jpeg_quality": "90"]
    )
    private static let place = TilePlace(
        row: 3,
        column: 7,
        x: 3_136,
        y: 1_344,
        width: 512,
        height: 512,
        validWidth: 512,
        validHeight: 300
    )

    static let all: [any EventPayload] = objects + derivations + datasets + notifications + agents

    private static let objects: [any EventPayload] = [
        ObjectObserved(
            source: "folder",
            bucket: "/srv/flights",
            key: "north field/Übersicht \"1\".JPG",
            version: "1772357400123456789",
            size: 8_700_123,
            modifiedAt: Timestamp(microseconds: 1_772_357_400_123_456)
        ),
        ObjectRemoved(onRemove: "withdraw"),
        ObjectFetched(sha256: photograph, bytes: 8_700_123, kept: "copy"),
        ObjectValidated(
            format: "jpeg",
            width: 5_472,
            height: 3_648,
            channels: 3,
            bitDepth: 8,
            colourModel: "cmyk",
            conversion: "cmyk to rgb",
            trailingBytes: 12,
            orientation: 6,
            metadata: CanonicalText(Array(#"{"camera":{"make":"DJI"},"doubts":[]}"#.utf8)),
            footprint: GroundFootprint(
                ring: [[11.5, 48.25], [11.5000125, 48.25], [11.5, 48.2500625], [11.5, 48.25]],
                errorMetres: 4.5,
                assumption: "flat ground"
            )
        ),
        ObjectReleased(reason: "truncated"),
        ObjectDismissed(reason: "truncated"),
        ObjectQuarantined(
            stage: "tiling",
            reason: "truncated",
            message: "the file ends in row 17 of 3648:\n\tupload it again"
        ),
    ]

    private static let derivations: [any EventPayload] = [
        RecipeAdopted(recipe: recipe),
        ReprocessRequested(
            recipe: recipe,
            partitions: ["north-field"],
            prefix: "north field/",
            since: Timestamp(microseconds: 1_772_357_400_123_456),
            isIncremental: true
        ),
        ReprocessCancelled(reason: "asked"),
        GenerationCutOver(
            recipe: recipe.digest,
            previous: tile,
            partitions: ["north-field", "site"],
            objects: 40,
            tiles: 4_160,
            failed: 1
        ),
        GenerationSwept(files: 105, bytes: 11_230_111),
        DerivationFailed(
            sourceSHA256: photograph,
            recipe: recipe.digest,
            reason: "encode-failed",
            message: "16 bits can't be written as jpeg: use tile_format: png"
        ),
        DerivationStarted(
            object: objectID,
            sourceSHA256: photograph,
            recipe: recipe.digest,
            engineRevision: 1,
            host: "field-laptop",
            libraries: ["zlib": "1.3.1", "libjpeg": "libjpeg-turbo 2.1.5"]
        ),
        TileWritten(
            name: "3_7_v2.jpg",
            place: place,
            edge: "pad",
            affine: [0, -1, 5_471, 1, 0.5, -64],
            variant: 2,
            augmentation: CanonicalText(Array(#"[{"name":"rotate","parameters":{"degrees":[1.5]}}]"#.utf8)),
            bytes: 48_211,
            sha256: tile,
            md5: md5,
            width: 300,
            height: 512,
            footprint: GroundFootprint(
                ring: [[11.5, 48.25], [11.5000125, 48.25], [11.5, 48.2500625], [11.5, 48.25]],
                errorMetres: 3.25
            )
        ),
        TileSkipped(place: place, rule: "no-data:0.5:0", measure: 0.75),
        DerivationCompleted(
            sourceSHA256: photograph,
            recipe: recipe.digest,
            tiles: 104,
            tileBytes: 11_200_000,
            skipped: 3,
            uncoveredPixels: 7,
            width: 3_648,
            height: 5_472,
            indexBytes: 30_111,
            indexSHA256: tile,
            indexMD5: md5,
            seconds: 0.0625
        ),
    ]

    private static let datasets: [any EventPayload] = [
        CommitRequested(partition: "north-field"),
        DatasetRebased(
            commitID: commitID,
            partition: "north-field",
            gitCommit: "d0e6a1b2c3d4e5f60718293a4b5c6d7e8f901234",
            previousCommit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        ),
        DatasetShared(
            commitID: commitID,
            partition: "north-field",
            gitCommit: "d0e6a1b2c3d4e5f60718293a4b5c6d7e8f901234",
            gitRemote: "origin",
            gitBranch: "main",
            tag: "north-field/3"
        ),
        DatasetLost(
            commitID: commitID,
            partition: "north field",
            manifest: md5 + ".dir",
            repository: "/srv/swathlog/dataset"
        ),
        DatasetCommitStarted(
            commitID: commitID,
            partition: "north-field",
            recipe: recipe.digest,
            manifest: md5 + ".dir",
            previous: "92eb5ffee6ae2fec3ad71c777531578f.dir",
            files: 105,
            bytes: 11_230_111,
            added: 100,
            changed: 4,
            removed: 1,
            fromPosition: 17,
            throughPosition: 240,
            remote: "origin"
        ),
        DatasetCommitted(
            commitID: commitID,
            partition: "north-field",
            manifest: md5 + ".dir",
            gitCommit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            pointer: "north-field.dvc",
            logSize: 241,
            logRoot: photograph
        ),
        PushRequested(commitID: commitID, partition: "north field", remote: "s3://tiles/dvc"),
        DatasetPushed(
            commitID: commitID,
            partition: "north-field",
            manifest: md5 + ".dir",
            remote: "origin",
            objectsSent: 101,
            bytesSent: 11_000_000
        ),
        ArtifactVerified(
            artifact: md5 + ".dir",
            kind: "manifest",
            partition: "north-field",
            place: "cache",
            objects: 106,
            bytes: 11_230_111,
            repairedFrom: "log"
        ),
        ArtifactDamaged(
            artifact: md5,
            kind: "tile",
            partition: "north-field",
            path: "DJI_0042.JPG/0003_0005.png",
            place: "s3://tiles/farm",
            reason: "damaged",
            message: "it has 7 bytes, not 107374"
        ),
    ]

    private static let notifications: [any EventPayload] = [
        NotificationQueued(
            id: "msg_" + objectID,
            endpoint: "training",
            kind: "swathlog.dataset.committed",
            subject: commitID,
            body: #"{"type":"swathlog.dataset.committed"}"#
        ),
        NotificationAttempted(attempt: 2, status: 503, error: "the receiver is busy", seconds: 1.5),
        NotificationDelivered(attempt: 3),
        NotificationAbandoned(attempts: 12, reason: "no-answer"),
        RedeliveryRequested(after: "abandoned"),
        EndpointAdopted(
            name: "training",
            place: "https://training.example/hook",
            kinds: ["swathlog.dataset.committed"],
            partitions: ["north", "site-*"]
        ),
        EndpointDisabled(name: "training", reason: "gone"),
    ]

    private static let agents: [any EventPayload] = [
        StageFailed(
            stage: "fetching",
            item: objectID,
            attempt: 2,
            reason: "source-away",
            message: "the folder is not mounted",
            nextAttemptAt: Timestamp(microseconds: 1_772_357_460_000_000)
        ),
        StageResumed(stage: "fetching s3://flights"),
        AgentStarted(version: "0.1.0", engineRevision: 1, host: "field-laptop", pid: 4_711, mode: "run"),
        AgentStopped(reason: "asked-to-stop"),
        AuditCompleted(
            events: 1_234,
            root: recipe.digest,
            artifacts: true,
            remote: false,
            damages: 1,
            damage: [
                AuditCompleted.Damage(
                    kind: "anchor",
                    place: "git commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
                    message: "the first 876 events are not those that it anchors"
                )
            ]
        ),
        LogRestored(
            events: 1_234,
            commits: [
                LogRestored.ForgottenCommit(
                    commitID: commitID,
                    gitCommit: "d0e6a1b2c3d4e5f60718293a4b5c6d7e8f901234",
                    partition: "north field",
                    manifest: md5 + ".dir",
                    recipe: recipe.digest.description,
                    logSize: 2_345
                )
            ]
        ),
        RestoreAccepted(restored: 1_235, by: "ines@field-laptop"),
    ]
}
