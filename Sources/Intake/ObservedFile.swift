/// One regular file as a look at the folder found it.
package struct ObservedFile: Sendable {
    /// The path relative to the root, components separated by `/`.
    ///
    /// Where `nonUTF8Name`, it is the percent-escaped form: `%` and every byte that is not part of valid UTF-8 are
    /// written as `%` and two hexadecimal digits, so that the bytes can be had back. A file with a UTF-8 name may by
    /// chance be called the same; the flag tells them apart.
    package let key: String
    /// In bytes.
    package let size: Int
    /// Since 1970 in UTC, held at the ends of `Int64` for times outside the years 1678 to 2262.
    package let modifiedNanoseconds: Int64
    package let inode: UInt64
    /// Whether a component of the path is not UTF-8; such an object cannot be named in the log and is quarantined.
    package let nonUTF8Name: Bool

    package init(
        key: String,
        size: Int,
        modifiedNanoseconds: Int64,
        inode: UInt64,
        nonUTF8Name: Bool = false
    ) {
        self.key = key
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.inode = inode
        self.nonUTF8Name = nonUTF8Name
    }

    /// Why the file cannot be taken in although it was read, if so.
    package var problem: Finding.Code? { nonUTF8Name ? .nameNotUTF8 : nil }
}

extension ObservedFile: Hashable {
    /// Keys are compared byte by byte, see `ExactKey`.
    package static func == (left: ObservedFile, right: ObservedFile) -> Bool {
        ExactKey(left.key) == ExactKey(right.key) && left.nonUTF8Name == right.nonUTF8Name
            && left.hasSameContent(as: right)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ExactKey(key))
        hasher.combine(size)
        hasher.combine(modifiedNanoseconds)
        hasher.combine(inode)
    }

    /// Whether nothing points to a write or a replacement between the two looks.
    func hasSameContent(as other: ObservedFile) -> Bool {
        size == other.size && modifiedNanoseconds == other.modifiedNanoseconds && inode == other.inode
    }
}
