/// The names of tiles' files: `<row>_<column>[_v<variant>].<extension>`.
///
/// The directory of one key's tiles may hold those of other keys, so places in a dataset keep clear of these names.
package struct TileName: Sendable, Equatable {
    /// What tiles are written as, by the ending of their names.
    package static let fileExtensions = ["png", "jpg", "jpeg", "npy"]

    /// The file's name.
    package let text: String
    /// Whether it is that of another view than the image's own.
    package let isOfVariant: Bool
    package let fileExtension: String

    /// - Parameter variant: 0 for the tile as the image shows it.
    package init(row: Int, column: Int, variant: Int, fileExtension: String) {
        isOfVariant = variant > 0
        self.fileExtension = fileExtension
        let suffix = isOfVariant ? "_v\(variant)" : ""
        text = "\(Self.padded(row))_\(Self.padded(column))\(suffix).\(fileExtension)"
    }

    /// Recognises a name that a tile could have; nil for another.
    package init?(_ name: String) {
        let dot = name.utf8.lastIndex(of: UInt8(ascii: "."))
        guard let dot else { return nil }
        let numbers = name[..<dot].utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        fileExtension = String(Substring(name.utf8[dot...].dropFirst()))
        isOfVariant = numbers.count == 3
        let variant = isOfVariant ? numbers[2] : "v0"[...].utf8
        guard Self.fileExtensions.contains(fileExtension), numbers.count == 2 || isOfVariant,
            variant.first == UInt8(ascii: "v"),
            [numbers[0], numbers[1], variant.dropFirst()].allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isDigit) })
        else { return nil }
        text = name
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
