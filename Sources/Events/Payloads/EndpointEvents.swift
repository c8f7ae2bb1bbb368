/// From here on an endpoint is told of events: of these types, of these partitions.
package struct EndpointAdopted: EventPayload {
    package static let type = EventType.endpointAdopted

    package let name: String
    /// Where it is, without what may be secret: for the reader of the log.
    package let place: String
    /// The types that it wants; empty for all.
    package let kinds: [String]
    /// The partitions that it wants, each a name or the beginning of one and `*`; empty for all.
    package let partitions: [String]

    package init(name: String, place: String, kinds: [String], partitions: [String]) {
        self.name = name
        self.place = place
        self.kinds = kinds
        self.partitions = partitions
    }

    package init(from json: JSONObject) throws(EventError) {
        name = try json.string("name")
        place = try json.string("place")
        kinds = try json.texts("kinds")
        partitions = try json.texts("partitions")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("name", name)
        json.set("place", place)
        json.set("kinds", kinds)
        json.set("partitions", partitions)
    }
}

/// From here on an endpoint is told of nothing; what is queued for it is kept.
package struct EndpointDisabled: EventPayload {
    package static let type = EventType.endpointDisabled

    package let name: String
    /// `gone`: it answered 410; `not-configured`: an agent without it took the store.
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    package init(from json: JSONObject) throws(EventError) {
        name = try json.string("name")
        reason = try json.string("reason")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("name", name)
        json.set("reason", reason)
    }
}

/// A notification that was delivered or abandoned is to be sent once more, under its id.
package struct RedeliveryRequested: EventPayload {
    package static let type = EventType.redeliveryRequested

    /// What had become of it: `delivered` or `abandoned`.
    package let after: String

    package init(after: String) {
        self.after = after
    }

    package init(from json: JSONObject) throws(EventError) {
        after = try json.string("after")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("after", after)
    }
}
