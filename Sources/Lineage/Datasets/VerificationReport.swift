import DVC
package import Events
package import Projections

/// What a look at a dataset's objects has found, and what was done about it.
package struct VerificationReport: Sendable {
    /// An object that a place lacks or has other bytes of.
    package struct Damage: Sendable {
        package let object: DatasetObjects.Object
        /// `cache`, or the URL of a remote.
        package let place: String
        package let isMissing: Bool
        package let message: String
        /// Where the recorded bytes came from that are there now: `cache`, `log`, `worktree`, `derivation`, or the URL of a
        /// remote.
        package var repairedFrom: String?
        /// Why it could not be repaired.
        package var problem: String?
        /// Whether the log says just this of it already.
        package internal(set) var isRecorded = false
    }

    /// A place that was looked at.
    package struct Checked: Sendable {
        package let place: String
        package let objects: Int
        /// Whether other bytes would have been seen, and not only what is missing.
        package var comparesBytes = true
    }

    /// A version that a place has whole.
    package struct Sound: Sendable {
        package let partition: String
        package let manifest: String
        package let place: String
        package let objects: Int
        package let bytes: Int
    }

    package var versions = 0
    package var checked: [Checked] = []
    /// Remotes that were not looked at, and why.
    package var notChecked: [(remote: String, why: String)] = []
    /// Versions that were looked at and that no remote has, as far as the log knows.
    package var notPushed: [CatalogCommit] = []
    package var damage: [Damage] = []
    package var sound: [Sound] = []
    /// What the log says is damaged, and is right again by other hands.
    package private(set) var recovered: [CatalogDamage] = []

    /// Compares what was found with what the log says is damaged.
    ///
    /// - Parameter looked: the objects whose bytes were compared, by place.
    mutating func compare(with recorded: [CatalogDamage], looked: [String: Set<String>]) {
        for known in recorded {
            let index = damage.firstIndex { $0.object.expected.id == known.artifact && $0.place == known.place }
            if let index {
                let found = damage[index]
                damage[index].isRecorded = found.reason == known.reason && found.message == known.message
            } else if looked[known.place]?.contains(known.artifact) == true {
                recovered.append(known)
            }
        }
    }

    /// Damage that is still there.
    package var open: [Damage] { damage.filter { $0.repairedFrom == nil } }

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("sound", open.isEmpty)
            $0.set("versions", versions)
            $0.set(
                "checked",
                checked.map { place in
                    CanonicalJSON {
                        $0.set("place", place.place)
                        $0.set("objects", place.objects)
                        $0.set("bytes_compared", place.comparesBytes)
                    }
                }
            )
            $0.set(
                "not_checked",
                notChecked.map { place in
                    CanonicalJSON {
                        $0.set("place", place.remote)
                        $0.set("message", place.why)
                    }
                }
            )
            $0.set(
                "not_pushed",
                notPushed.map { version in
                    CanonicalJSON {
                        $0.set("partition", version.partition)
                        $0.set("manifest", version.manifest)
                        $0.set("git_commit", version.gitCommit)
                        $0.set("remote", version.remote)
                    }
                }
            )
            $0.set("damaged", damage.count)
            $0.set("repaired", damage.count - open.count)
            $0.set("damage", damage.map(\.json))
        }
    }
}

extension VerificationReport.Damage {
    /// What people call it: its file, or its partition and its manifest.
    package var name: String { "\(object.partition)/\(object.path ?? object.expected.id)" }

    /// As events name it.
    package var reason: String { isMissing ? "missing" : "damaged" }

    fileprivate var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("object", object.expected.id)
            $0.set("kind", object.kind.rawValue)
            $0.set("partition", object.partition)
            $0.set("path", object.path)
            $0.set("place", place)
            $0.set("reason", reason)
            $0.set("message", message)
            $0.set("repaired_from", repairedFrom)
            $0.set("problem", problem)
        }
    }
}
