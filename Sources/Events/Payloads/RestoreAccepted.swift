/// Somebody knows that the log was restored: what it forgot by that is no damage to an audit.
package struct RestoreAccepted: EventPayload {
    package static let type = EventType.restoreAccepted

    /// The position of the LogRestored event whose commits are accepted as forgotten.
    package let restored: Int
    /// Who says so: the user and the machine of the command.
    package let by: String

    package init(restored: Int, by: String) {
        self.restored = restored
        self.by = by
    }

    package init(from json: JSONObject) throws(EventError) {
        restored = try json.int("restored")
        by = try json.string("by")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("restored", restored)
        json.set("by", by)
    }
}
