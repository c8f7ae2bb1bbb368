/// The record was checked: the log against itself, its checkpoints and git, and what was asked for beside.
package struct AuditCompleted: EventPayload {
    package static let type = EventType.auditCompleted
    /// Damages that are described; their number is in `damages`.
    package static let described = 20

    /// One thing that does not fit.
    package struct Damage: Sendable, Equatable {
        /// `event`, `checkpoint`, `anchor`, `dataset`, `original`, `tile`, `index`, `manifest`, `remote`.
        package let kind: String
        /// The position, commit or file.
        package let place: String
        package let message: String

        package init(kind: String, place: String, message: String) {
            self.kind = kind
            self.place = place
            self.message = message
        }
    }

    /// The log's head, recomputed.
    package let events: Int
    package let root: Digest
    /// Whether every recorded file on the disk was hashed.
    package let artifacts: Bool
    /// Whether the remote was.
    package let remote: Bool
    /// Git commits that a restored log has forgotten, as somebody has accepted; absent for none.
    package let forgotten: Int?
    /// What was found; 0 when the record holds.
    package let damages: Int
    /// The first of them.
    package let damage: [Damage]

    package init(
        events: Int,
        root: Digest,
        artifacts: Bool,
        remote: Bool,
        forgotten: Int? = nil,
        damages: Int,
        damage: [Damage]
    ) {
        self.events = events
        self.root = root
        self.artifacts = artifacts
        self.remote = remote
        self.forgotten = forgotten
        self.damages = damages
        self.damage = damage
    }

    package init(from json: JSONObject) throws(EventError) {
        events = try json.int("events")
        root = try json.digest("root")
        artifacts = try json.bool("artifacts")
        remote = try json.bool("remote")
        forgotten = try json.optionalInt("forgotten")
        damages = try json.int("damages")
        guard let list = json.raw("damage").flatMap({ JSONArray($0) }) else {
            throw EventError(.badField, "the payload's 'damage' is not an array")
        }
        var damage: [Damage] = []
        for element in list.elements {
            let item = try JSONObject(Array(element))
            damage.append(
                Damage(
                    kind: try item.string("kind"),
                    place: try item.string("place"),
                    message: try item.string("message")
                )
            )
        }
        self.damage = damage
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("events", events)
        json.set("root", root)
        json.set("artifacts", artifacts)
        json.set("remote", remote)
        json.set("forgotten", forgotten)
        json.set("damages", damages)
        json.set("damage", damage.map(\.json))
    }
}

extension AuditCompleted.Damage {
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("kind", kind)
            $0.set("place", place)
            $0.set("message", message)
        }
    }
}
