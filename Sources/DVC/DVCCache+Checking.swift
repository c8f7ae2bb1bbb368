import Digests
import Events
package import Files

extension DVCCache {
    /// What is wrong with an object here; nil when its bytes are the recorded ones.
    package func fault(of object: ExpectedObject) throws(FileError) -> ObjectFault? {
        let path = objectPath(object.id)
        guard let info = try fileInfo(path) else { return .missing }
        guard info.kind == .file else { return .damaged("it is no file") }
        if let size = object.size, info.size != size { return .damaged("it has \(info.size) bytes, not \(size)") }
        do throws(FileError) {
            if let wanted = object.sha256 {
                let actual = try Files.sha256(ofFile: path)
                return actual == wanted.description ? nil : .damaged("its SHA-256 is \(actual), not \(wanted)")
            }
            let actual = try md5(ofFile: path)
            return actual == object.id.prefix(32) ? nil : .damaged("its MD5 is \(actual)")
        } catch  where error.code == .notFound {
            // Removed since we looked.
            return .missing
        }
    }

    /// Reads an object; nil where it is missing or has other bytes than were recorded.
    package func read(_ object: ExpectedObject) throws(FileError) -> [UInt8]? {
        let path = objectPath(object.id)
        guard try fileInfo(path) != nil else { return nil }
        let bytes = try readFile(path)
        return object.isMade(of: bytes) ? bytes : nil
    }

    /// Puts an object's bytes in place of what has its name; they are on disk on return.
    ///
    /// - Parameter beforeNaming: given the file that holds the bytes, before it gets the object's name.
    package func replace(
        _ object: ExpectedObject,
        with bytes: [UInt8],
        beforeNaming: (String) throws -> Void = { _ in }
    ) throws {
        guard object.isMade(of: bytes) else { throw DVCError.objectDamaged(object.id, at: "what replaces it") }
        let path = objectPath(object.id)
        try makeDirectory(parent(of: path))
        let temporary = temporaryName(in: root, tag: tag)
        do {
            try writeNew(bytes, to: temporary, mode: Self.objectMode, synchronized: true)
            try beforeNaming(temporary)
            try moveFile(temporary, to: path)
        } catch {
            _ = try? removeFile(temporary)
            throw error
        }
        try synchronizeDirectory(parent(of: path))
    }

    /// Reads objects for sending, and makes sure that each is what its name says: a remote is no place for rot.
    ///
    /// What this process has just written was hashed then, and is not hashed again: that would show what is in memory, not
    /// what is on the disk. The MD5 of many that are small costs little more than that of one.
    ///
    /// - Parameter limit: larger ones are not kept, and come as nil.
    func proved(_ objects: ArraySlice<CachedObject>, keeping limit: Int) throws -> [[UInt8]?] {
        let contents = try objects.map { object in
            object.size <= limit ? try Self.reading(object) { try readFile(objectPath(object.id)) } : nil
        }
        let unproved = try zip(objects, contents).filter { object, _ in
            try !(object.isJustWritten ?? fileInfo(objectPath(object.id)).map(JustWritten.includes) ?? false)
        }
        let small = unproved.filter { $0.1 != nil }
        for (object, digest) in zip(small.map(\.0), BatchMD5.digests(of: small.compactMap(\.1))) {
            try check(object, has: hex(digest))
        }
        for (object, content) in unproved where content == nil {
            try check(object, has: try Self.reading(object) { try md5(ofFile: objectPath(object.id)) })
        }
        return contents
    }

    private func check(_ object: CachedObject, has digest: String) throws(DVCError) {
        guard digest == object.id.prefix(32) else { throw .objectDamaged(object.id, at: objectPath(object.id)) }
    }

    private static func reading<Value>(_ object: CachedObject, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as FileError where error.code == .notFound {
            throw DVCError.objectMissing(object.id)
        }
    }

    /// An object's size as the cache has it.
    ///
    /// - Throws: `objectMissing` where it is another than is wanted.
    func object(_ id: String, size: Int?) throws -> CachedObject {
        guard let found = try fileInfo(objectPath(id)), size == nil || found.size == size else {
            throw DVCError.objectMissing(id)
        }
        return CachedObject(id: id, size: found.size, isJustWritten: JustWritten.includes(found))
    }

    /// Every object that is here, with its size and the time of its last change (nanoseconds since 1970).
    package func objects() throws(FileError) -> [(id: String, info: FileInfo)] {
        guard try fileInfo(root) != nil else { return [] }
        var found: [(id: String, info: FileInfo)] = []
        for directory in try directories() {
            let digits = directory.suffix(2)
            for entry in try listDirectory(directory) {
                guard let name = entry.name, Self.isID(digits + name) else { continue }
                if let info = try fileInfo("\(directory)/\(name)") { found.append((digits + name, info)) }
            }
        }
        return found
    }

    private static func isID(_ name: String) -> Bool {
        (name.hasSuffix(".dir") ? String(name.dropLast(4)) : name).isMD5
    }
}

/// An object of a cache.
struct CachedObject: Sendable {
    let id: String
    /// Bytes.
    let size: Int
    /// Whether this process wrote it, and hashed it then; nil where nobody has looked.
    var isJustWritten: Bool?
    /// As it was recorded; nil where nobody has told.
    var sha256: Digest?
}

extension ExpectedObject {
    /// Whether these are the recorded bytes.
    package func isMade(of bytes: [UInt8]) -> Bool {
        guard size == nil || size == bytes.count, md5(of: bytes) == id.prefix(32) else { return false }
        return sha256 == nil || sha256 == Digest(of: bytes)
    }
}
