package import Files
import Synchronization
import Threads

extension DVCCache {
    /// Collects objects under temporary names and gives all of them their own at once, safely on disk.
    ///
    /// Any thread may add. Before `commit` nothing of the batch exists for DVC. An object never has its name before its
    /// bytes are on disk, so whatever is found under an MD5, even after a power failure, is complete.
    ///
    /// A temporary file is in the directory that its object belongs to: threads that make files in one directory wait for
    /// each other, and one that moves a file to another makes all others wait. For the sweep, a mark in the cache's own
    /// directory says that there may be some.
    package final class Batch: Sendable {
        private struct State {
            /// Object ids to the temporary files that hold them.
            var pending: [String: String] = [:]
            /// The file in the cache's own directory that says that there may be temporary ones.
            var mark: String?
            /// Whether an object was there already, perhaps by the hand of a killed process that did not see it to the disk.
            var hasFoundAny = false
            /// Whether objects have got their names that may not be on disk yet.
            var hasNamedAny = false
        }

        /// Objects up to which each is written to disk by itself: the file system may hold much that is others'.
        private static let few = 16
        /// Objects that a thread names at a time.
        private static let named = 256

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
                JustWritten.note(try writeNew(bytes, to: path, mode: DVCCache.objectMode, synchronized: false))
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
            do {
                if last.pending.count <= Self.few, isAlone {
                    try commitEach(last.pending)
                } else {
                    try name(last.pending)
                    try syncFileSystem(containing: cache.root)
                }
            } catch {
                remove(last)
                throw error
            }
            if let mark = last.mark { remove(mark) }
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
                for temporary in pending.values { remove(temporary) }
                throw error
            }
        }

        private func name(_ pending: [String: String]) throws(FileError) {
            if pending.isEmpty { return }
            try syncFileSystem(containing: cache.root)
            try inPortions(Array(pending)[...], of: Self.named) { (objects) throws(FileError) in
                for (id, temporary) in objects { try moveFile(temporary, to: cache.objectPath(id)) }
            }
        }

        private func commitEach(_ pending: [String: String]) throws(FileError) {
            if pending.isEmpty { return }
            for temporary in pending.values { try synchronizeFile(temporary) }
            for (id, temporary) in pending { try moveFile(temporary, to: cache.objectPath(id)) }
            for directory in Set(pending.keys.map(cache.directory)) { try synchronizeDirectory(directory) }
            // Some of the directories may be new.
            try synchronizeDirectory(cache.root)
        }

        /// Forgets the objects that have not been committed.
        package func discard() {
            let last = state.withLock { state in
                defer { (state.pending, state.mark) = ([:], nil) }
                return state
            }
            remove(last)
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
            try mark()
            let directory = cache.directory(of: id)
            let temporary = temporaryName(in: directory, tag: cache.tag)
            do throws(FileError) {
                do throws(FileError) {
                    try write(temporary)
                } catch  where error.code == .notFound {
                    try cache.makeDirectory(directory, durable: false)
                    try write(temporary)
                }
            } catch {
                remove(temporary)
                throw error
            }
            // Another thread may have added the same bytes meanwhile; one of the two files is enough.
            let isFirst = state.withLock { state in
                guard state.pending[id] == nil else { return false }
                state.pending[id] = temporary
                return true
            }
            if !isFirst { remove(temporary) }
            return isFirst
        }

        private func mark() throws(FileError) {
            try state.withLock { (state) throws(FileError) in
                if state.mark != nil { return }
                let mark = temporaryName(in: cache.root, tag: cache.tag)
                try writeNew([], to: mark, mode: 0o600, synchronized: false)
                state.mark = mark
            }
        }

        /// Removes a state's temporary files, and then its mark.
        private func remove(_ state: State) {
            for temporary in state.pending.values { remove(temporary) }
            if let mark = state.mark { remove(mark) }
        }

        /// Removes a file; one that cannot be removed is left for the sweep at the next start.
        private func remove(_ path: String) {
            _ = try? removeFile(path)
        }
    }
}
