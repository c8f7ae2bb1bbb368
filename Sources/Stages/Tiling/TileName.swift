import Imaging

/// The name of a tile's file: `<row>_<column>[_v<variant>].<extension>`.
///
/// - Parameter variant: 0 for the tile as the image shows it.
func tileName(row: Int, column: Int, variant: Int, encoding: TileEncoding) -> String {
    let suffix = variant > 0 ? "_v\(variant)" : ""
    return "\(padded(row))_\(padded(column))\(suffix).\(encoding.fileExtension)"
}

private func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
