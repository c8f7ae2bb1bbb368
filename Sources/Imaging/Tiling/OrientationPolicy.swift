/// What becomes of the EXIF orientation.
///
/// Lossless JPEG tiles keep it as a tag of their own instead.
package enum OrientationPolicy: String, Sendable, CaseIterable {
    /// Tiles stand upright.
    case apply
    /// Tiles lie as the sensor's rows do.
    case ignore
}
