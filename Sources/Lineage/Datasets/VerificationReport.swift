import DVC
package import Events

/// What a look at a dataset's objects has found, and what was done about it.
package struct VerificationReport: Sendable {
    /// An object that a place lacks or has other bytes of.
    package struct Damage: Sendable {
        package let object: DatasetObjects.Object
        /// `cache`, or the URL of a remote.
        package let place: String
        package let isMissing: Bool
        package let message: String
        /// Where the recorded bytes came from that are there now: `cache`, `log`, `derivation`, or the URL of a remote.
        package var repairedFrom: String?
        /// Why it could not be repaired.
        package var problem: String?
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
    /// Objects that were looked at, by place.
    package var checked: [(place: String, objects: Int)] = []
    /// Remotes that were not looked at, and why.
    package var notChecked: [(remote: String, why: String)] = []
    package var damage: [Damage] = []
    package var sound: [Sound] = []

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
            $0.set("damaged", damage.count)
            $0.set("repaired", damage.count - open.count)
            $0.set("damage", damage.map(\.json))
        }
    }
}

extension VerificationReport.Damage {
    fileprivate var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("object", object.expected.id)
            $0.set("kind", object.kind.rawValue)
            $0.set("partition", object.partition)
            $0.set("path", object.path)
            $0.set("place", place)
            $0.set("reason", isMissing ? "missing" : "damaged")
            $0.set("message", message)
            $0.set("repaired_from", repairedFrom)
            $0.set("problem", problem)
        }
    }
}
