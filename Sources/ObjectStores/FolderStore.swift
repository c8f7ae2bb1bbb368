import Files

/// A folder as a store of objects: keys are paths under it, "/" between the components.
package struct FolderStore: Sendable {
    /// How a fetched file gets to where it is kept.
    package enum Keeping: String, Sendable, CaseIterable {
        /// Bytes of their own; the file system may share blocks until either side is written to.
        case copy
        /// The same file under a second name: no space and no time, but who writes into the source file in place
        /// changes the original as well, which is found when it is next read.
        case hardlink
    }

    /// The version of a key: what a change of the file would change.
    package struct Version: Sendable, Equatable {
        /// Bytes.
        package let size: Int
        /// Nanoseconds since 1970-01-01 UTC.
        package let modified: Int64

        package init(size: Int, modified: Int64) {
            self.size = size
            self.modified = modified
        }
    }

    /// What a fetch brought.
    package struct Fetched: Sendable, Equatable {
        /// 64 hexadecimal digits.
        package let sha256: String
        package let bytes: Int
        package let keeping: Keeping
    }

    /// The folder's absolute path.
    package let root: String
    /// What `ObjectStore.fetch` does.
    package let keeping: Keeping

    package init(root: String, keeping: Keeping = .copy) {
        self.root = root
        self.keeping = keeping
    }

    /// Whether the folder itself can be found.
    package func isThere() throws -> Bool {
        try fileInfo(root)?.kind == .directory
    }

    package func path(of key: String) -> String {
        "\(root)/\(key)"
    }

    /// Brings a key's bytes to `destination`, a name that nothing has, on disk when it returns.
    ///
    /// - Throws: `StoreError` when the file is gone or is not the version that was asked for (before or after reading),
    ///   `FileError` for the rest.
    package func fetch(_ key: String, version: Version, to destination: String, keeping: Keeping) throws -> Fetched {
        let source = path(of: key)
        try check(source, is: version)
        let kept = try bring(source, to: destination, keeping)
        let digest = try sha256(ofFile: destination)
        try check(source, is: version)
        guard let size = try fileInfo(destination)?.size, size == version.size else {
            throw StoreError(.changed, "\(source) changed while it was read; its next version is taken instead")
        }
        return Fetched(sha256: digest, bytes: size, keeping: kept)
    }

    private func bring(_ source: String, to destination: String, _ keeping: Keeping) throws -> Keeping {
        if keeping == .hardlink {
            // Across file systems there are no hard links; the bytes are what was promised, so a copy will do.
            var placer = LinkPlacer(order: [.hardlink, .reflink, .copy])
            // A link to a symbolic link would be one more of those.
            let kind = try placer.place(try realPath(source) ?? source, at: destination)
            // Who wrote the file may not have waited for the disk.
            try syncFileSystem(containing: destination)
            return kind == .hardlink ? .hardlink : .copy
        }
        try copyNew(source, to: destination, mode: 0o444, synchronized: true)
        return .copy
    }

    func check(_ path: String, is version: Version) throws {
        // Links are followed: the file is what its target is.
        guard let target = try realPath(path), let info = try fileInfo(target) else {
            throw StoreError(.gone, "\(path) is gone from the source; put it back to have it taken")
        }
        guard info.size == version.size, info.modified == version.modified else {
            throw StoreError(.changed, "\(path) was replaced before it was read; its next version is taken instead")
        }
    }
}

/// Why a store did not give what was asked for.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The key is not there any more.
        case gone = "object-gone"
        /// The key holds another version now.
        case changed = "object-changed"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
