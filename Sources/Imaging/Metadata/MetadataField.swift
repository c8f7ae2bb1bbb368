/// One normalised field of an image's metadata: its name in JSON, and where it is kept.
///
/// The names stand in the log for ever: snake case, with the unit where there is one (angles are in degrees).
package struct MetadataField: Sendable {
    /// What a field holds.
    package enum Value: Sendable, Equatable {
        case text(String)
        case number(Double)
        case integer(Int)
    }

    package let key: String
    fileprivate let place: any AnyKeyPath & Sendable
    fileprivate let value: @Sendable (ImageMetadata) -> Value?

    private init(_ key: String, _ place: any WritableKeyPath<ImageMetadata, String?> & Sendable) {
        self.key = key
        self.place = place
        value = { $0[keyPath: place].map(Value.text) }
    }

    private init(_ key: String, _ place: any WritableKeyPath<ImageMetadata, Double?> & Sendable) {
        self.key = key
        self.place = place
        value = { $0[keyPath: place].map(Value.number) }
    }

    private init(_ key: String, _ place: any WritableKeyPath<ImageMetadata, Int?> & Sendable) {
        self.key = key
        self.place = place
        value = { $0[keyPath: place].map(Value.integer) }
    }

    fileprivate func isKept(at place: AnyKeyPath) -> Bool { self.place as AnyKeyPath == place }

    /// All of them: what is not here is not in the log.
    package static let all = [
        MetadataField("make", \.make),
        MetadataField("model", \.model),
        MetadataField("lens", \.lens),
        MetadataField("focal_length_mm", \.focalLengthMM),
        MetadataField("focal_length_35mm", \.focalLength35MM),
        MetadataField("focal_plane_x_px_per_mm", \.focalPlaneXPixelsPerMM),
        MetadataField("focal_plane_y_px_per_mm", \.focalPlaneYPixelsPerMM),
        MetadataField("calibrated_focal_length_px", \.calibratedFocalLengthPixels),
        MetadataField("exposure_seconds", \.exposureSeconds),
        MetadataField("f_number", \.fNumber),
        MetadataField("iso", \.iso),
        MetadataField("taken_at", \.takenAt),
        MetadataField("taken_at_subsecond", \.takenAtSubsecond),
        MetadataField("taken_at_offset", \.takenAtOffset),
        MetadataField("orientation", \.orientation),
        MetadataField("latitude", \.latitude),
        MetadataField("longitude", \.longitude),
        MetadataField("altitude_m", \.altitudeMetres),
        MetadataField("gps_horizontal_error_m", \.gpsHorizontalErrorMetres),
        MetadataField("relative_altitude_m", \.relativeAltitudeMetres),
        MetadataField("absolute_altitude_m", \.absoluteAltitudeMetres),
        MetadataField("gimbal_yaw", \.gimbalYaw),
        MetadataField("gimbal_pitch", \.gimbalPitch),
        MetadataField("gimbal_roll", \.gimbalRoll),
        MetadataField("flight_yaw", \.flightYaw),
        MetadataField("flight_pitch", \.flightPitch),
        MetadataField("flight_roll", \.flightRoll),
        MetadataField("rtk_flag", \.rtkFlag),
        MetadataField("rtk_std_longitude_m", \.rtkStdLongitudeMetres),
        MetadataField("rtk_std_latitude_m", \.rtkStdLatitudeMetres),
        MetadataField("rtk_std_height_m", \.rtkStdHeightMetres),
        MetadataField("capture_uuid", \.captureUUID),
    ]
}

extension ImageMetadata {
    /// The normalised fields that the file gave.
    package var fields: [(key: String, value: MetadataField.Value)] {
        MetadataField.all.compactMap { field in field.value(self).map { (field.key, $0) } }
    }

    /// Sets a field together with the tag that it came from; nothing when there is no value.
    mutating func set<Value>(_ place: WritableKeyPath<ImageMetadata, Value?>, _ value: Value?, from tag: String) {
        guard let value, let field = MetadataField.all.first(where: { $0.isKept(at: place) }) else { return }
        self[keyPath: place] = value
        sources[field.key] = tag
    }

    /// Forgets a field: what it said turned out to be of no use.
    mutating func drop<Value>(_ place: WritableKeyPath<ImageMetadata, Value?>) {
        self[keyPath: place] = nil
        if let field = MetadataField.all.first(where: { $0.isKept(at: place) }) { sources[field.key] = nil }
    }
}
