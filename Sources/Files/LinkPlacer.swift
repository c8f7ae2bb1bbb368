import CPosix
import Glibc

/// Places many files by the first kind of link that works, and remembers which kinds do not.
///
/// A kind that the file system or the pair of directories refuses once is not tried again; a kind that only one file
/// is refused (its link count is used up) is tried again for the next.
package struct LinkPlacer: Sendable {
    /// The kinds still worth trying, in order of preference.
    package private(set) var order: [LinkKind]
    /// Where temporary names go: a directory on the destination's file system, or nil for the destination's own.
    let staging: String?

    package init(order: [LinkKind], staging: String? = nil) {
        self.order = order
        self.staging = staging
    }

    /// Gives the source's contents the destination's name at once, replacing a file that had it.
    ///
    /// Reflinks and copies are files of their own and writable by their owner; hard and symbolic links keep what the
    /// source allows. Nothing is on disk for certain before the next file system sync.
    @discardableResult
    package mutating func place(_ source: String, at destination: String) throws(FileError) -> LinkKind {
        let temporary = temporaryName(in: staging ?? parent(of: destination))
        var remaining = order
        while let kind = remaining.first {
            // A link appears whole; only what is to replace something needs a name of its own first.
            if kind == .hardlink, unsafe link(source, destination) == 0 { return kind }
            switch try attempt(kind, source, temporary) {
            case .made:
                do {
                    try moveFile(temporary, to: destination)
                } catch {
                    unsafe unlink(temporary)
                    throw error
                }
                // rename(2) leaves both names where both already are the same file.
                if kind == .hardlink { unsafe unlink(temporary) }
                return kind
            case .refusedForThisFile: break
            case .refused: order.removeAll { $0 == kind }
            }
            remaining.removeFirst()
        }
        throw FileError(
            code: .cannotLink,
            path: destination,
            message:
                "cannot place \(source) at \(destination) by any allowed kind of link; allow `copy` as well"
        )
    }

    private enum Outcome { case made, refused, refusedForThisFile }

    private func attempt(_ kind: LinkKind, _ source: String, _ temporary: String) throws(FileError) -> Outcome {
        let failure: CInt
        switch kind {
        case .reflink, .copy:
            failure = try duplicate(source, temporary, sharing: kind == .reflink)
        case .hardlink:
            failure = unsafe link(source, temporary) == 0 ? 0 : errno
        case .symlink:
            // A dangling link would be made without complaint.
            guard try fileInfo(source) != nil else {
                throw FileError(errno: ENOENT, path: source, action: "link to")
            }
            failure = unsafe symlink(absolute(source), temporary) == 0 ? 0 : errno
        }
        switch failure {
        case 0: return .made
        case EMLINK: return .refusedForThisFile
        case EXDEV, EOPNOTSUPP, ENOTTY, ENOSYS, EINVAL, EPERM: return .refused
        default: throw FileError(errno: failure, path: source, action: "link")
        }
    }

    /// Makes a new file with the source's bytes; the mode follows the umask, as DVC's own copies do.
    private func duplicate(_ source: String, _ temporary: String, sharing: Bool) throws(FileError) -> CInt {
        let input = try OpenFile(source, O_RDONLY, action: "open")
        let output = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666, action: "create")
        let failure =
            sharing
            ? swathlog_reflink(output.descriptor, input.descriptor)
            : swathlog_copy(output.descriptor, input.descriptor)
        guard failure == 0 else {
            unsafe unlink(temporary)
            // A copy has nothing to fall back on: a full disk is a full disk.
            if !sharing { throw FileError(errno: failure, path: temporary, action: "write") }
            return failure
        }
        return 0
    }
}

/// Places one file; see `LinkPlacer` for many.
@discardableResult
package func place(
    _ source: String,
    at destination: String,
    order: [LinkKind] = LinkKind.allCases
) throws(FileError) -> LinkKind {
    var placer = LinkPlacer(order: order)
    return try placer.place(source, at: destination)
}

/// The path from the root, resolved against the working directory without following links.
package func absolute(_ path: String) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return path }
    guard let current = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(current) }
    return unsafe String(cString: current) + "/" + path
}
