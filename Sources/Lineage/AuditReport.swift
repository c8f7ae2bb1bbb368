package import EventLog
package import Events

/// What an audit has found.
package struct AuditReport: Sendable, Equatable {
    package struct Damage: Sendable, Equatable {
        /// `event`, `checkpoint`, `anchor`, `dataset`, `original`, `tile`, `index`, `manifest`, `remote`.
        package let kind: String
        /// The position, commit or file.
        package let place: String
        package let message: String
    }

    /// The log's head, recomputed.
    package var head = TreeHead(size: 0, root: Digest(of: []))
    /// Events up to here were not recomputed: only the root over what is stored of them was compared.
    package var assumedThrough = 0
    /// Signed checkpoints that the log keeps, and how far good ones reach.
    package var checkpoints = 0
    package var signedThrough = 0
    /// Commits of the dataset's history that name a head of the log.
    package var anchors = 0
    /// Events up to here are proved by the git history; those after it only by the log itself.
    package var anchoredThrough = 0
    /// Dataset versions that log and git agree on.
    package var versions = 0
    /// Files whose digests fit, and their bytes.
    package var filesChecked = 0
    package var bytesChecked = 0
    /// Recorded files that are not on this disk (any more).
    package var filesAbsent = 0
    /// Positions of LogRestored events that nobody has accepted for good, looked for when there is damage.
    package var restores: [Int] = []
    /// Git commits that are accepted as forgotten by a restored log.
    package var forgotten = 0
    /// Who has accepted that, as the log tells it.
    package var accepted: [AcceptedRestores.Acceptance] = []
    /// Commits of the dataset's history that name other logs, and the names of those.
    package var ofOtherLogs = 0
    package var otherLogs: [String] = []
    /// Files on remotes whose digests fit.
    package var remoteFilesChecked = 0
    /// Remotes that are no directories of this machine.
    package var remotesNotChecked: [String] = []
    package var damage: [Damage] = []
    /// Damaged events beyond those listed.
    package var damageBeyondList = 0

    package var isClean: Bool { damage.isEmpty }

    /// What no audit of a log can prove.
    package static let notProved = "that nothing was left unobserved: only what was recorded is in the log"

    mutating func add(_ kind: String, _ place: String, _ message: String) {
        damage.append(Damage(kind: kind, place: place, message: message))
    }

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("clean", isClean)
            $0.set("events", head.size)
            $0.set("root", head.root)
            $0.set("assumed_through", assumedThrough)
            $0.set("checkpoints", checkpoints)
            $0.set("signed_through", signedThrough)
            $0.set("anchors", anchors)
            $0.set("anchored_through", anchoredThrough)
            $0.set("unanchored", head.size - anchoredThrough)
            $0.set("dataset_versions", versions)
            $0.set("files_checked", filesChecked)
            $0.set("bytes_checked", bytesChecked)
            $0.set("files_absent", filesAbsent)
            $0.set("restores", restores)
            $0.set("forgotten", forgotten)
            $0.set(
                "accepted_restores",
                accepted.map { accepted in
                    CanonicalJSON {
                        $0.set("restored", accepted.restored)
                        $0.set("position", accepted.position)
                        $0.set("by", accepted.by)
                        $0.set("at", accepted.at.description)
                    }
                }
            )
            $0.set("of_other_logs", ofOtherLogs)
            $0.set("other_logs", otherLogs)
            $0.set("remote_files_checked", remoteFilesChecked)
            $0.set("remotes_not_checked", remotesNotChecked)
            $0.set("not_proved", Self.notProved)
            $0.set("damage_not_listed", damageBeyondList)
            $0.set(
                "damage",
                damage.map { damage in
                    CanonicalJSON {
                        $0.set("kind", damage.kind)
                        $0.set("place", damage.place)
                        $0.set("message", damage.message)
                    }
                }
            )
        }
    }
}
