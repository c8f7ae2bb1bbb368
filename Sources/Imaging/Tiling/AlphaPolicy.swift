/// What becomes of transparency.
package enum AlphaPolicy: Sendable, Equatable {
    /// Tiles have the alpha channel that the image has.
    case keep
    /// The image is laid on one colour, 0 to 255 a channel (of 16-bit samples the same share of 65,535).
    case flatten(red: UInt8, green: UInt8, blue: UInt8)
}
