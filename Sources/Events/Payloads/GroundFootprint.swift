/// The ground that an image or a tile shows, estimated.
package struct GroundFootprint: Sendable, Equatable {
    /// A closed ring of [longitude, latitude] in degrees.
    package let ring: [[Double]]
    /// Standard uncertainty of its worst corner in metres; nil when it is not known.
    package let errorMetres: Double?
    /// What was assumed of ground, camera and errors; a tile's is in its tile index, not in the log.
    package let assumption: String?

    package init(ring: [[Double]], errorMetres: Double?, assumption: String? = nil) {
        self.ring = ring
        self.errorMetres = errorMetres
        self.assumption = assumption
    }

    init?(from json: JSONObject) throws(EventError) {
        ring = try json.pairs("footprint")
        guard !ring.isEmpty else { return nil }
        errorMetres = try json.optionalDouble("footprint_error_m")
        assumption = nil
    }

    init?(fromGeoJSON json: JSONObject) throws(EventError) {
        guard json.raw("footprint") != nil else { return nil }
        ring = try json.object("footprint").outerRing("coordinates")
        guard !ring.isEmpty else { return nil }
        errorMetres = try json.optionalDouble("footprint_error_m")
        assumption = try json.optionalString("footprint_assumption")
    }

    /// With the ring as a GeoJSON polygon (RFC 7946 section 3.1.6).
    package func encodeGeoJSON(into json: inout CanonicalJSON) {
        json.set(
            "footprint",
            CanonicalJSON {
                $0.set("type", "Polygon")
                $0.set("coordinates", [ring])
            }
        )
        json.set("footprint_error_m", errorMetres)
        json.set("footprint_assumption", assumption)
    }

    /// With the ring alone, and without the assumption: an image's many tiles keep the log short.
    func encodeRing(into json: inout CanonicalJSON) {
        json.set("footprint", ring)
        json.set("footprint_error_m", errorMetres)
    }
}
