package import Files
import Synchronization

extension DVCCache {
    /// Collects objects under temporary names and gives all of them their own at once, safely on disk.
    ///
    /// Any thread may add. Before `commit` nothing of the batch exists for DVC. An object never has its name before its
    /// bytes are on disk, so whatever is found under an MD5, even after a power failure, is complete.
    package final class Batch: Sendable {
        private struct State {
            /// Object ids to the temporary files that hold them.
            var pending: [String: String] = [:]
            /// Whether an object was there already, perhaps by the hand of a killed process that did not see it to the disk.
            var hasFoundAny = false
            /// Whether objects have got their names that may not be on disk yet.
            var hasNamedAny = false
        }

        /// Objects up to which each is written to disk by itself: the file system may hold much that is others'.
        private static let few = 16

        private let cache: DVCCache
        private let state = Mutex(State())

        init(cache: DVCCache) throws(FileError) {
            self.cache = cache
            try cache.makeDirectory(cache.root)
        }

        deinit { discard() }

        /// Adds an object of these bytes; false when it is there already.
        ///
        /// The MD5 (with `.dir` for a manifest) is taken on trust.
        @discardableResult
        package func add(bytes: [UInt8], md5: String) throws(FileError) -> Bool {
            try add(md5: md5, size: bytes.count) { path throws(FileError) in
                try writeNew(bytes, to: path, mode: DVCCache.objectMode, synchronized: false)
            }
        }

        /// Adds an object with the contents of a file, sharing its blocks where the file system can; false when it is there.
        ///
        /// The MD5 is taken on trust.
        @discardableResult
        package func add(file: String, md5: String, size: Int) throws(FileError) -> Bool {
            try add(md5: md5, size: size) { path throws(FileError) in
                try copyNew(file, to: path, mode: DVCCache.objectMode, synchronized: false)
            }
        }

        /// The number of objects waiting for `commit`.
        package var pendingCount: Int { state.withLock { $0.pending.count } }

        /// Writes everything to disk and gives the objects their names.
        ///
        /// When it throws, some objects may have their names, each of them complete; the others are discarded. Adding
        /// and committing them again in a new batch does the rest.
        package func commit() throws(FileError) {
            let last = state.withLock { state in
                defer { state = State() }
                return state
            }
            let isAlone = !last.hasFoundAny && !last.hasNamedAny
            if last.pending.isEmpty, isAlone { return }
            do {
                if last.pending.count <= Self.few, isAlone { return try commitEach(last.pending) }
                try name(last.pending)
                try syncFileSystem(containing: cache.root)
            } catch {
                remove(last.pending.values)
                throw error
            }
        }

        /// Gives those that were added so far their names, so that a killed process need not add them again.
        ///
        /// Their bytes are on disk on return; that the names are is only promised by `commit`.
        package func settle() throws(FileError) {
            let pending = state.withLock { state in
                defer {
                    state.pending = [:]
                    state.hasNamedAny = true
                }
                return state.pending
            }
            do {
                try name(pending)
            } catch {
                remove(pending.values)
                throw error
            }
        }

        private func name(_ pending: [String: String]) throws(FileError) {
            if pending.isEmpty { return }
            try syncFileSystem(containing: cache.root)
            for directory in Set(pending.keys.map { $0.prefix(2) }) {
                try cache.makeDirectory("\(cache.root)/\(directory)", durable: false)
            }
            for (id, temporary) in pending {
                try moveFile(temporary, to: cache.objectPath(id))
            }
        }

        private func commitEach(_ pending: [String: String]) throws(FileError) {
            for temporary in pending.values { try synchronizeFile(temporary) }
            for (id, temporary) in pending {
                let path = cache.objectPath(id)
                try cache.makeDirectory(parent(of: path))
                try moveFile(temporary, to: path)
            }
            for directory in Set(pending.keys.map { $0.prefix(2) }) {
                try synchronizeDirectory("\(cache.root)/\(directory)")
            }
        }

        /// Forgets the objects that have not been committed.
        package func discard() {
            let pending = state.withLock { state in
                defer { state.pending = [:] }
                return state.pending
            }
            remove(pending.values)
        }

        /// Whether an object was added already, or is there.
        func finds(_ id: String, size: Int) throws(FileError) -> Bool {
            if state.withLock({ $0.pending[id] != nil }) { return true }
            guard try cache.contains(id, size: size) else { return false }
            state.withLock { $0.hasFoundAny = true }
            return true
        }

        private func add(
            md5 id: String,
            size: Int,
            write: (String) throws(FileError) -> Void
        ) throws(FileError) -> Bool {
            if try finds(id, size: size) { return false }
            let temporary = temporaryName(in: cache.root, tag: cache.tag)
            do {
                try write(temporary)
            } catch {
                remove([temporary])
                throw error
            }
            // Another thread may have added the same bytes meanwhile; one of the two files is enough.
            let isFirst = state.withLock { state in
                guard state.pending[id] == nil else { return false }
                state.pending[id] = temporary
                return true
            }
            if !isFirst { remove([temporary]) }
            return isFirst
        }

        /// Removes temporary files; one that cannot be removed is left for the sweep at the next start.
        private func remove(_ paths: some Sequence<String>) {
            for path in paths { _ = try? removeFile(path) }
        }
    }
}
