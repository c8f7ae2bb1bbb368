/// A way of giving a file's contents a second name.
package enum LinkKind: String, Sendable, CaseIterable {
    /// A file of its own whose blocks are shared until one side changes.
    case reflink
    /// A second name of the same file: a change through one name shows through the other.
    case hardlink
    case symlink
    case copy
}
