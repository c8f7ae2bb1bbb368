import ObjectStores
import Synchronization
import Threads

extension S3Remote: CheckedRemote {
    /// What a listing has with the right size and an ETag that is the right MD5 is not read.
    package func faults(
        among objects: [ExpectedObject],
        reads: Bool,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> [String: ObjectFault] {
        let listed = reads ? [:] : try await S3RemoteListing(remote: self).find(Set(objects.map(\.id)))
        let open = objects.filter { object in
            guard let found = listed[object.id] else { return true }
            let isSized = object.size == nil || object.size == found.size
            return !isSized || found.etag.lowercased() != object.id.prefix(32)
        }
        let done = Mutex(objects.count - open.count)
        var faults: [String: ObjectFault] = [:]
        try await withThrowingTaskGroup(of: (String, ObjectFault?).self) { group in
            var next = open.makeIterator()
            func add() -> Bool {
                guard let object = next.next() else { return false }
                group.addTask { (object.id, try await fault(of: object, reads: reads)) }
                return true
            }
            var running = 0
            while running < jobs, add() { running += 1 }
            while let (id, fault) = try await group.next() {
                faults[id] = fault
                progress(
                    done.withLock {
                        $0 += 1
                        return $0
                    }
                )
                _ = add()
            }
        }
        progress(objects.count)
        return faults
    }

    /// Asks for one object that the listing does not vouch for, and reads it where its ETag does not either.
    ///
    /// It is missing only where S3 says so: a proxy's 404 says nothing of it, and ends the check.
    private func fault(of object: ExpectedObject, reads: Bool) async throws -> ObjectFault? {
        do {
            if !reads {
                let head = try await retrying { () throws(S3Error) in
                    try await client.describe(location.bucket, key(object.id))
                }
                if let size = object.size, let found = head.size, size != found {
                    return .damaged("it has \(found) bytes, not \(size)")
                }
                if head.etagMayBeMD5, let etag = head.etag, etag.lowercased() == object.id.prefix(32) { return nil }
            }
            let bytes = try await download(object.id)
            return try await Blocking.run {
                object.isMade(of: bytes) ? nil : .damaged("its MD5 is \(md5(of: bytes))")
            }
        } catch let error as S3Error where error.code == .gone || error.code == .changed {
            return .missing
        }
    }

    package func read(_ object: ExpectedObject) async throws -> [UInt8]? {
        do {
            let bytes = try await download(object.id)
            return try await Blocking.run { object.isMade(of: bytes) ? bytes : nil }
        } catch let error as S3Error where error.code == .gone || error.code == .changed {
            return nil
        }
    }

    private func download(_ id: String) async throws(S3Error) -> [UInt8] {
        try await retrying { () throws(S3Error) in try await client.read(location.bucket, key(id)) }
    }

    package func replace(_ objects: [ExpectedObject], from cache: DVCCache) async throws {
        for object in objects {
            guard let bytes = try await Blocking.run({ try cache.read(object) }) else {
                throw DVCError.objectMissing(object.id)
            }
            try await put(CachedObject(id: object.id, size: bytes.count), .bytes(bytes), ifNoneMatch: false)
        }
    }
}
