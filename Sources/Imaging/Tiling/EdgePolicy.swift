/// What becomes of the last tile of a row or column, which the image seldom fills.
package enum EdgePolicy: Sendable, Equatable {
    /// It moves inwards to end with the image; an axis shorter than a tile gets one tile of the axis's length.
    case shift
    /// It keeps its place and size; what lies beyond the image is made up.
    case pad(Padding)
    /// It keeps its place and is as small as what is left.
    case crop
    /// It is left out, and so is all of an image that is smaller than a tile.
    case drop

    /// The word that recipes and events use.
    package var name: String {
        switch self {
        case .shift: "shift"
        case .pad: "pad"
        case .crop: "crop"
        case .drop: "drop"
        }
    }
}

/// What stands in a tile beyond the edge of its image.
package enum Padding: Sendable, Equatable {
    /// One value for every channel, 0 to 255 (of 16-bit samples the same share of 65,535); alpha becomes 0.
    case constant(Int)
    /// The last pixel of the row or column, again and again.
    case edge
    /// The pixels before the last one, backwards, without the last one itself (numpy's `reflect`).
    case reflect
}
