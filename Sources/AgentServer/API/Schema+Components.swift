import Stages

extension Schema {
    /// The document's named schemas: what the answers are made of.
    static let components: [String: Schema] = [
        "Problem": .object([
            "code": .choice(Problem.Code.allCases.map(\.rawValue).sorted()), "detail": .text, "status": .whole,
            "title": .text, "malformed?": .list(.anything),
        ]),
        "Object": .object(object),
        "ObjectDetail": .object(
            object.merging([
                "versions": .list(.named("Object")), "derivations": .list(.named("Derivation")),
                "image?": .object([
                    "format": .text, "width": .whole, "height": .whole, "channels": .whole, "bit_depth": .whole,
                    "colour_model": .text, "orientation": .whole, "metadata": .anything, "footprint?": .anything,
                    "footprint_error_m?": .number, "footprint_assumption?": .text,
                ]),
                "quarantine?": .named("Quarantined"), "original_on_disk": .flag,
            ]) { own, _ in own }
        ),
        "Derivation": .object([
            "id": .text, "sha256": .digest, "recipe": .digest, "started_position?": .whole,
            "completed_position?": .whole, "tiles?": .whole, "tile_bytes?": .whole, "skipped?": .whole,
            "width?": .whole, "height?": .whole, "seconds?": .number, "current": .flag,
        ]),
        "Tile": .object([
            "name": .text, "row": .whole, "col": .whole, "window": .named("Window"),
            "valid": .object(["width": .whole, "height": .whole]), "edge": .text, "affine": .list(.number),
            "variant?": .whole, "augmentation?": .list(.anything), "bytes": .whole, "sha256": .digest, "md5": .md5,
            "width?": .whole, "height?": .whole, "footprint?": .anything, "footprint_error_m?": .number,
            "position": .whole,
        ]),
        "Window": .object(["x": .whole, "y": .whole, "width": .whole, "height": .whole]),
        "Dataset": .object([
            "name": .text, "source": .text, "bucket": .text, "versions": .whole, "newest?": .named("Version"),
            "uncommitted": .flag,
        ]),
        "Version": .object([
            "id": .text, "dataset": .text, "recipe": .digest, "manifest": .text, "previous?": .text, "files": .whole,
            "bytes": .whole, "added": .whole, "changed": .whole, "removed": .whole, "from_position": .whole,
            "through_position": .whole, "remote?": .text, "git_commit?": .text, "tag?": .text,
            "git_remote?": .text, "git_branch?": .text, "log_size?": .whole, "log_root?": .digest,
            "started_position": .whole, "committed_position?": .whole, "pushed_position?": .whole,
            "shared_position?": .whole,
        ]),
        "Notification": .object(notification),
        "NotificationDetail": .object(notification.merging(["body": .anything]) { own, _ in own }),
        "Endpoint": .object([
            "name": .text, "place": .text, "state": .text, "kinds": .list(.text), "datasets": .list(.text),
            "last_sequence": .whole, "waiting": .whole,
        ]),
        "Quarantined": .object([
            "id": .text, "kind": .choice(["notice", "object"]), "source?": .text, "bucket?": .text, "key?": .text,
            "stage?": .text, "reason": .text, "message": .text, "position": .whole, "dismissed": .flag,
            "outdated": .flag,
        ]),
        "Recorded": .object(["id": .text, "position": .whole]),
        "Recipe": .object([
            "digest": .digest, "adopted_position": .whole, "current": .flag, "engine_revision": .whole,
            "settings": .map(.text),
        ]),
        "Event": .object([
            "position": .whole, "event_id": .text, "stream": .text, "revision": .whole, "type": .text,
            "schema_version": .whole, "recorded_at": .time, "actor": .text, "causation?": .whole,
            "correlation?": .whole, "payload": .anything,
        ]),
        "Lineage": .object([
            "subject": .object(["kind": .text, "id": .text]), "steps": .list(.named("LineageStep")),
        ]),
        "LineageStep": .object(["step": .text, "position?": .whole, "recorded_at?": .time], more: .textOrNumber),
        "Audit": .object([
            "size": .whole, "root": .digest,
            "checkpoint?": .object(["origin": .text, "size": .whole, "root": .digest, "note": .text]),
            "requested": .flag, "running": .flag, "events_checked?": .whole, "events_to_check?": .whole,
            "failure?": .text,
            "newest?": .object([
                "position": .whole, "recorded_at": .time, "events": .whole, "root": .digest, "artifacts": .flag,
                "remote": .flag, "forgotten?": .whole, "damages": .whole, "damage": .list(.anything),
            ]),
        ]),
        "RecordedMany": .object(["recorded": .whole, "left": .whole]),
        "RecipeSetting": .object([
            "name": .text, "value": .text, "default": .text, "summary": .text, "choices?": .list(.text),
            "in_recipe": .flag,
        ]),
        "ReprocessWish": .object(reprocessWish),
        "ReprocessOrder": .object(
            reprocessWish.merging(["incremental?": .flag, "recipe?": .digest]) { own, _ in own }
        ),
        "ReprocessAnswer": .object(["new": .flag, "generation?": .named("Generation"), "plan": .named("Plan")]),
        "Plan": .object([
            "from?": .digest, "to": .digest, "engine_revision": .whole, "engine_revision_before?": .whole,
            "objects": .whole, "objects_unchanged": .whole, "tiles": .named("TileDifference"),
            "partitions": .list(
                .object(["name": .text, "objects": .whole, "tiles": .named("TileDifference")])
            ),
            "split_partitions": .list(.text), "contents_to_cut": .whole, "contents_to_link": .whole,
            "contents_of_unknown_size": .whole, "pixels": .whole, "originals_to_fetch": .whole,
            "bytes_to_fetch": .whole, "originals_gone": .whole, "keys_gone": .list(.text),
            "pixels_per_second?": .number, "measured_under_this_recipe": .flag, "seconds?": .number,
            "blank_share?": .number, "tile_bytes": .whole, "disk_needed": .whole, "disk_free": .whole,
        ]),
        "TileDifference": .object(["added": .whole, "removed": .whole, "replaced": .whole, "kept": .whole]),
        "Generation": .object([
            "id": .text, "recipe": .digest, "state": .choice(["cancelled", "cut-over", "deriving", "queued"]),
            "partitions": .list(.text), "prefix?": .text, "since?": .time, "incremental": .flag, "objects": .whole,
            "waiting": .whole, "failed": .whole, "tiles": .whole, "requested_position": .whole,
            "started_position?": .whole, "ended_position?": .whole,
        ]),
        "Footprints": .object([
            "type": .choice(["FeatureCollection"]), "features": .list(.anything), "next?": .whole,
        ]),
        "Status": .object([
            "version": .text, "at": .time, "events": .whole, "last_event_at?": .time, "objects": .map(.whole),
            "quarantine": .map(.whole), "derivations": .whole, "tiles": .whole, "tile_bytes": .whole,
            "tiles_skipped": .whole, "pixels": .whole, "counts": .map(.whole), "per_minute": .map(.number),
            "stages": .list(.named("Stage")), "pauses": .list(.named("Pause")), "views": .list(.named("View")),
            "sources?": .anything, "damaged": .whole, "unknown_events": .whole, "operable": .flag,
        ]),
        "Stage": .object([
            "name": .text, "waiting": .whole, "failing": .whole, "oldest_position?": .whole, "oldest_seconds?": .number,
            "done?": .whole, "done_type?": .text, "per_minute?": .number,
        ]),
        "Pause": .object(["stage": .text, "reason": .text, "message": .text]),
        "View": .object(["name": .text, "position": .whole, "failed_position?": .whole, "failure?": .text]),
        "Observed": .object([
            "ignored": .whole, "late": .whole, "left_out": .whole, "malformed": .list(.anything), "observed": .whole,
            "outdated": .whole, "removed": .whole, "repeated": .whole,
        ]),
    ]

    private static let reprocessWish: [String: Schema] = [
        "settings?": .object(
            Dictionary(uniqueKeysWithValues: ReprocessRequests.settingNames.map { ("\($0)?", Schema.text) })
        ),
        "partitions?": .list(.text), "prefix?": .text, "since?": .time,
    ]

    private static let object: [String: Schema] = [
        "id": .text, "source": .text, "bucket": .text, "key": .text, "dataset": .text, "path": .text, "version": .text,
        "size": .whole, "state": .text, "sha256?": .digest, "reason?": .text, "modified_at?": .time,
        "observed_at": .time, "observed_position": .whole, "fetched_position?": .whole, "validated_position?": .whole,
        "etag?": .text, "version_id?": .text, "outdated": .flag,
    ]

    private static let notification: [String: Schema] = [
        "id": .text, "endpoint": .text, "sequence?": .whole, "kind": .text, "subject": .text, "dataset?": .text,
        "state": .text, "attempts": .whole, "status?": .whole, "error?": .text, "answer?": .text,
        "queued_position": .whole,
    ]
}
