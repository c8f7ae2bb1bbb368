/// Every setting that can change the bytes of a tile; its digest is part of each derivation's id.
///
/// A setting has one name and one spelling everywhere: as a flag, as a variable, in a file and here. All defaults are
/// written out, so that a new default never changes an old recipe; a setting that plays no part under the others (the
/// quality of JPEG for tiles that are PNG) is left out, so that what gives the same bytes has the same digest.
package struct Recipe: Sendable, Equatable {
    /// Revision of the imaging engine; raised when the same settings would give other bytes.
    package var engineRevision: Int
    /// Canonical values by the settings' names.
    package var settings: [String: String]

    package init(engineRevision: Int, settings: [String: String]) {
        self.engineRevision = engineRevision
        self.settings = settings
    }

    package init(from json: JSONObject) throws(EventError) {
        engineRevision = try json.int("engine_revision")
        settings = try json.object("settings").strings()
    }

    /// The canonical form that the digest is taken over.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("engine_revision", engineRevision)
            $0.set("settings", CanonicalJSON { json in for (name, value) in settings { json.set(name, value) } })
        }
    }

    /// SHA-256 of the canonical form.
    package var digest: Digest { Digest(of: json.bytes) }
}
