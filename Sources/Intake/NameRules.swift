/// Which names intake leaves alone.
///
/// Hidden files and directories (a leading `.`), because that is where tools keep what is not for others: `.git`,
/// `.DS_Store`, rsync's `.name.jpg.Xy12` in progress. And files with the endings of downloads and edits in progress,
/// which are renamed when they are whole: the rename then is the observation. Nothing else is filtered: what is not an
/// image is quarantined later, with its reason.
enum NameRules {
    /// Compared without case.
    static let partialSuffixes = [".part", ".tmp", ".crdownload", ".filepart", "~", ".swp"]

    private static let suffixBytes = partialSuffixes.map { Array($0.utf8) }

    static func isHidden(_ name: some Collection<UInt8>) -> Bool {
        name.first == UInt8(ascii: ".")
    }

    /// Whether a file of this name is one in progress; directories may have any name.
    static func isPartial(_ name: [UInt8]) -> Bool {
        suffixBytes.contains { suffix in
            name.count >= suffix.count
                && zip(name.suffix(suffix.count), suffix).allSatisfy { lowercase($0) == $1 }
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
