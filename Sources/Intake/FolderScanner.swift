#if canImport(Glibc)
import Glibc
#endif

/// Finds every file below a folder, directory by directory.
///
/// In memory are the names of the directories on the current path and nothing else. Names come in the order of their
/// bytes, so two scans of the same folder agree. Links to files and directories are followed; one that leads back to a
/// directory on the current path is reported and not entered. `NameRules` says which names are left alone. A root that is
/// a single file yields this file, its name being the key.
package struct FolderScanner: Sendable {
    /// The folder's path, as it was given.
    package let root: String

    /// A directory on another file system than the one that it is in.
    package struct Mount: Sendable, Equatable {
        package let key: String
        let identity: FileIdentity
    }

    /// What stands at a directory's path.
    struct Place {
        let identity: FileIdentity
        /// Whether it is on another file system than the directory that it is in.
        let isMount: Bool

        init(_ directory: Directory, in parent: Directory) {
            identity = directory.identity
            isMount = directory.identity.device != parent.identity.device
        }
    }

    package init(root: String) {
        self.root = root
    }

    /// Which directory the folder is now: the one that holds the file where the root is one.
    func identity() throws(IntakeError) -> FileIdentity {
        try Root(root).open().identity
    }

    /// Which directory a key leads to now; nil where it leads to none.
    func place(of key: String) throws(IntakeError) -> Place? {
        let folder = try Root(root).open()
        let path = Array(key.utf8)
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        do throws(SystemFailure) {
            guard let slash else { return Place(try Directory(path, in: folder), in: folder) }
            let parent = try Directory(Array(path[..<slash]), in: folder)
            return Place(try Directory(Array(path[(slash + 1)...]), in: parent), in: parent)
        } catch {
            guard [ENOENT, ENOTDIR].contains(error.number) else { throw IntakeError("\(root)/\(key)", error) }
            return nil
        }
    }

    /// Visits everything there is; an error of the visitor ends the scan and is thrown on.
    package func scan(_ visit: (Finding) throws -> Void) throws {
        let resolved = try Root(root)
        let directory = try resolved.open()
        if let name = resolved.onlyName {
            if let finding = Self.finding(Entry(name, in: directory), path: name) {
                try visit(finding)
            }
            return
        }
        var levels: [Level] = []
        try Self.enter(directory, path: [], levels: &levels, visit)
        while let last = levels.indices.last {
            guard let name = levels[last].next() else {
                levels.removeLast()
                continue
            }
            let path = levels[last].prefix + name
            switch Self.resolve(name, below: levels) {
            case .success(let directory):
                // What is in a directory whose name is not UTF-8 is never taken.
                if Place(directory, in: levels[levels.endIndex - 1].directory).isMount,
                    let key = String(validating: path, as: UTF8.self)
                {
                    try visit(.mount(Mount(key: key, identity: directory.identity)))
                }
                try Self.enter(directory, path: path, levels: &levels, visit)
            case .failure(let end):
                if let finding = Self.finding(end.entry, path: path) {
                    try visit(finding)
                }
            }
        }
    }

    /// Looks at one key, for instance after a hint; nil where nothing is there to observe, or a directory that a scan
    /// enters.
    ///
    /// A missing root is an error here too: a file system that went away has not removed its files.
    package func look(_ key: String) throws(IntakeError) -> Finding? {
        let resolved = try Root(root)
        let directory = try resolved.open()
        if let name = resolved.onlyName {
            return name.elementsEqual(key.utf8) ? Self.finding(Entry(name, in: directory), path: name) : nil
        }
        var finding = Self.look(Array(key.utf8), in: directory)
        if finding == nil, let path = FileKey.decodeEscaped(key) {
            finding = Self.look(path, in: directory)
        }
        return finding
    }

    /// The path under which a key that is UTF-8 can be opened.
    package func path(of key: String) -> String {
        if (try? Root(root))?.onlyName != nil {
            return root
        }
        return root.hasSuffix("/") ? root + key : root + "/" + key
    }

    private static func look(_ path: [UInt8], in directory: Directory) -> Finding? {
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        // An empty part would make the path absolute; ".." and "." begin like hidden names.
        guard !path.contains(0), parts.allSatisfy({ !$0.isEmpty && !NameRules.isHidden($0) }) else {
            return nil
        }
        let entry = Entry(path, in: directory)
        guard case .directory = entry else { return finding(entry, path: path) }
        return finding(enter(parts, in: directory), path: path)
    }

    /// Says of a directory what a scan would: one that it would not enter is something to observe.
    private static func enter(_ parts: [ArraySlice<UInt8>], in root: Directory) -> Entry {
        var levels = [Level(directory: root, prefix: [], names: NameList())]
        for part in parts {
            switch resolve(Array(part), below: levels) {
            case .success(let directory): levels.append(Level(directory: directory, prefix: [], names: NameList()))
            case .failure(let end): return end.entry
            }
        }
        return .directory
    }

    private static func finding(_ entry: Entry, path: [UInt8]) -> Finding? {
        switch entry {
        case .file(let status):
            .file(ObservedFile(path: path, status: status))
        case .unreadable(let code, let reason):
            .unreadable(key: FileKey.encode(path).key, reason: reason, code: code)
        case .directory, .nothing:
            nil
        }
    }

    /// Opens a name as a directory to go down into, or says what else it is.
    private static func resolve(_ name: [UInt8], below levels: [Level]) -> Result<Directory, Leaf> {
        guard let parent = levels.last?.directory else { return .failure(Leaf(entry: .nothing)) }
        let entry = Entry(name, in: parent)
        guard case .directory = entry else { return .failure(Leaf(entry: entry)) }
        do throws(SystemFailure) {
            let directory = try Directory(name, in: parent)
            if levels.contains(where: { $0.directory.identity == directory.identity }) {
                let reason = "the link leads back to a directory above it; remove it"
                return .failure(Leaf(entry: .unreadable(.symlinkLoop, reason)))
            }
            return .success(directory)
        } catch {
            return .failure(Leaf(entry: Entry(failure: error, name: name, in: parent)))
        }
    }

    private static func enter(
        _ directory: Directory,
        path: [UInt8],
        levels: inout [Level],
        _ visit: (Finding) throws -> Void
    ) throws {
        let (names, failure) = directory.names()
        let prefix = path.isEmpty ? [] : path + [UInt8(ascii: "/")]
        levels.append(Level(directory: directory, prefix: prefix, names: names))
        if let failure {
            let reason = "the directory could not be read to its end: \(failure.text)"
            try visit(.unreadable(key: FileKey.encode(path).key, reason: reason, code: .ioError))
        }
    }
}

/// A name that the scan does not go below.
private struct Leaf: Error {
    let entry: Entry
}

/// One directory on the current path, with the names that are still to be looked at.
private struct Level {
    let directory: Directory
    let prefix: [UInt8]
    let names: NameList
    private var index = 0

    init(directory: Directory, prefix: [UInt8], names: NameList) {
        self.directory = directory
        self.prefix = prefix
        self.names = names
    }

    mutating func next() -> [UInt8]? {
        guard index < names.count else { return nil }
        defer { index += 1 }
        return names[index]
    }
}
