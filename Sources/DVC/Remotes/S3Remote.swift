import Events
import Files
package import ObjectStores
import Synchronization
import Threads

/// A DVC remote in an S3 bucket.
///
/// Objects go in parallel, large ones in parts. What is there already is learnt from a listing where many objects are to
/// be sent, and else from `If-None-Match`, never from a question for each object. An object counts as there when its size
/// and, where the ETag is one, its MD5 are right; what is there and wrong is replaced.
package struct S3Remote: Remote {
    /// Attempts for one request that fails for a reason that may pass.
    static let attempts = 5
    /// Objects and bytes that a job reads at a time, as the MD5 of many costs little more than that of one.
    private static let portion = 16
    private static let portionBytes = 2 << 20
    /// With fewer objects to send, a listing would cost more than it could spare.
    static let leastToList = 500

    package let location: S3Location
    let client: S3Client
    /// Requests at a time.
    let jobs: Int
    /// What each object is put with, such as its access rights.
    let headers: [(String, String)]
    private let habits = Habits()

    package init(
        location: S3Location,
        client: S3Client,
        jobs: Int = S3RemoteOptions.defaultJobs,
        headers: [(String, String)] = []
    ) {
        var prefix = location.prefix
        while prefix.hasSuffix("/") { prefix.removeLast() }
        self.location = S3Location(bucket: location.bucket, prefix: prefix)
        self.client = client
        self.jobs = max(1, jobs)
        self.headers = headers
    }

    package var url: String { location.prefix.isEmpty ? "s3://\(location.bucket)" : location.url }

    /// What the keys of all objects begin with.
    var root: String { location.prefix.isEmpty ? "files/md5/" : "\(location.prefix)/files/md5/" }

    func key(_ id: String) -> String { "\(root)\(id.prefix(2))/\(id.dropFirst(2))" }

    package func push(
        from cache: DVCCache,
        manifest id: String,
        entries: [ManifestEntry]
    ) async throws -> PushResult {
        var result = PushResult()
        var objects = try await Blocking.run { try Self.objects(entries, cache) }
        if objects.count >= Self.leastToList {
            let listing = S3RemoteListing(remote: self)
            let found = try await listing.find(Set(objects.map(\.id)))
            let present = try await intact(found, of: objects)
            result.present += present.count
            objects = objects.filter { !present.contains($0.id) }
        }
        try await send(objects, from: cache, &result)
        let manifest = try await Blocking.run { try cache.object(id, size: nil) }
        try await send([manifest], from: cache, &result)
        return result
    }

    private static func objects(
        _ entries: [ManifestEntry],
        _ cache: DVCCache
    ) throws -> [CachedObject] {
        var seen: Set<String> = []
        return try entries.filter { seen.insert($0.md5).inserted }.map { entry in
            guard let size = entry.size else { return try cache.object(entry.md5, size: nil) }
            return CachedObject(id: entry.md5, size: size, sha256: entry.sha256)
        }
    }

    /// The manifest is read only where its ETag is not the MD5 of its bytes.
    package func holds(manifest id: String) async throws -> Bool {
        do {
            let head = try await retrying { () throws(S3Error) in try await client.head(location.bucket, key(id)) }
            if head.etagMayBeMD5, let etag = head.etag, etag.lowercased() == id.prefix(32) { return true }
            let bytes = try await retrying { () throws(S3Error) in try await client.read(location.bucket, key(id)) }
            return try await Blocking.run { md5(of: bytes) == id.prefix(32) }
        } catch let error as S3Error where error.code == .gone || error.code == .changed {
            return false
        }
    }

    /// Those that were found with the right size and, as far as it can be told, the right MD5.
    private func intact(_ found: [String: S3Object], of objects: [CachedObject]) async throws -> Set<String> {
        var intact: Set<String> = []
        for object in objects {
            guard let there = found[object.id], there.size == object.size else { continue }
            if try await agrees(there.etag, with: object.id) { intact.insert(object.id) }
        }
        return intact
    }

    // MARK: Sending

    private func send(_ objects: [CachedObject], from cache: DVCCache, _ result: inout PushResult) async throws {
        let portions = portions(of: objects)
        try await withThrowingTaskGroup(of: [Int?].self) { group in
            var next = portions.makeIterator()
            func add() -> Bool {
                guard let portion = next.next() else { return false }
                group.addTask { try await send(portion, from: cache) }
                return true
            }
            var running = 0
            while running < jobs, add() { running += 1 }
            while let written = try await group.next() {
                for bytes in written { result.add(bytes) }
                _ = add()
            }
        }
    }

    /// Objects that one job reads together and puts one after the other: few enough that no job is left without any.
    private func portions(of objects: [CachedObject]) -> [ArraySlice<CachedObject>] {
        let most = min(Self.portion, max(1, objects.count / jobs))
        var portions: [ArraySlice<CachedObject>] = []
        var start = 0
        var bytes = 0
        for (index, object) in objects.enumerated() {
            if index - start == most || index > start && bytes + object.size > Self.portionBytes {
                portions.append(objects[start..<index])
                (start, bytes) = (index, 0)
            }
            bytes += object.size
        }
        if start < objects.count { portions.append(objects[start...]) }
        return portions
    }

    /// Puts a portion; returns of each object the bytes that were written, nil where it was there already.
    private func send(_ portion: ArraySlice<CachedObject>, from cache: DVCCache) async throws -> [Int?] {
        var written: [Int?] = []
        for (object, content) in zip(portion, try await contents(portion, of: cache)) {
            written.append(try await send(object, content) ? object.size : nil)
        }
        return written
    }

    /// Puts one object; false where it was there already.
    private func send(_ object: CachedObject, _ content: S3Content) async throws(S3Error) -> Bool {
        do throws(S3Error) {
            try await put(object, content, ifNoneMatch: habits.heedsConditions)
            return true
        } catch {
            return try await replace(object, content, unless: error)
        }
    }

    /// Deals with an object that could not be put under the condition that none is there.
    private func replace(
        _ object: CachedObject,
        _ content: S3Content,
        unless error: S3Error
    ) async throws(S3Error) -> Bool {
        if error.code == .exists {
            let head = try await retrying { () throws(S3Error) in
                try await client.head(location.bucket, key(object.id))
            }
            if head.size == object.size, try await agrees(head.etag ?? "", with: object.id) { return false }
            // Something else has the name: whatever it is, it is not what DVC takes it for.
        } else if error.status == 501, habits.heedsConditions {
            habits.noteConditionsUnknown()
        } else {
            throw error
        }
        try await put(object, content, ifNoneMatch: false)
        return true
    }

    private func contents(_ objects: ArraySlice<CachedObject>, of cache: DVCCache) async throws -> [S3Content] {
        let threshold = client.settings.multipartThreshold
        return try await Blocking.run {
            try zip(objects, cache.proved(objects, keeping: threshold)).map { object, bytes in
                bytes.map { .bytes($0) } ?? .file(path: cache.objectPath(object.id))
            }
        }
    }

    /// Puts an object, and again where the server says that it got other bytes.
    func put(_ object: CachedObject, _ content: S3Content, ifNoneMatch: Bool) async throws(S3Error) {
        try await retrying { () throws(S3Error) in
            let written = try await client.put(
                location.bucket,
                key(object.id),
                content,
                ifNoneMatch: ifNoneMatch,
                headers: headers,
                md5: bytes(hex: object.id.prefix(32)),
                sha256: object.sha256
            )
            guard try await agrees(written.etag, with: object.id) else {
                throw S3Error(.damaged, "\(url) has other bytes for \(object.id) than it was sent; they are sent again")
            }
        }
    }

    /// Whether an ETag speaks against an object's being the one that its name says.
    ///
    /// It is an MD5 only where the object was put in one piece and is not encrypted with a key of a service.
    private func agrees(_ etag: String, with id: String) async throws(S3Error) -> Bool {
        guard isMD5(etag), etag.lowercased() != id.prefix(32), habits.etagsAreMD5 else { return true }
        let head = try await retrying { () throws(S3Error) in try await client.head(location.bucket, key(id)) }
        if head.etagMayBeMD5 { return head.etag.map { $0.lowercased() == id.prefix(32) || !isMD5($0) } ?? true }
        habits.noteEncryption()
        return true
    }

    /// Repeats what fails for a reason that may pass.
    func retrying<Value: Sendable>(
        _ body: () async throws(S3Error) -> Value
    ) async throws(S3Error) -> Value {
        var backoff = S3Backoff(longest: client.settings.longestPause)
        while true {
            do throws(S3Error) {
                return try await body()
            } catch {
                guard error.isPassing, error.status != 501, backoff.failures + 1 < Self.attempts else { throw error }
                try await backoff.pause(after: error, client.time)
            }
        }
    }
}

/// What has been learnt of a server.
private final class Habits: Sendable {
    private let state = Mutex((heedsConditions: true, etagsAreMD5: true))

    var heedsConditions: Bool { state.withLock { $0.heedsConditions } }
    var etagsAreMD5: Bool { state.withLock { $0.etagsAreMD5 } }
    func noteConditionsUnknown() { state.withLock { $0.heedsConditions = false } }
    func noteEncryption() { state.withLock { $0.etagsAreMD5 = false } }
}

extension DVCError {
    static func objectMissing(_ id: String) -> DVCError {
        DVCError(
            .objectMissing,
            "the cache lacks object \(id) or its size differs: `swathlog dataset verify --repair` puts it right"
        )
    }

    static func objectDamaged(_ id: String, at path: String) -> DVCError {
        DVCError(
            .objectDamaged,
            "the cache's object \(id) has other bytes than its name says (\(path)): `swathlog dataset verify --repair` puts it right"
        )
    }
}
