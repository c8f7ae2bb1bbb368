/// Quarantines that say that a source did not have an object, and nothing about the object.
enum Absence {
    /// Whether an object was quarantined because it, or this version of it, was not there: it may be there again.
    static func wasAway(_ reason: String?) -> Bool {
        ["object-gone", "object-changed"].contains(reason)
    }
}
