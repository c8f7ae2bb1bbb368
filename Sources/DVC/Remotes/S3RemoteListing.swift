import ObjectStores

/// Finds out by listing which objects a remote in a bucket has.
///
/// MD5s are spread evenly, so the first page tells how many there are in all. A small remote is on that page. A larger one
/// is listed by the first two digits, several at a time. One so large that its pages would outnumber what they could
/// spare is not listed.
struct S3RemoteListing {
    let remote: S3Remote
    /// Keys on a page.
    var pageSize = 1_000

    /// Those of the objects that the listing has, by their id.
    func find(_ wanted: Set<String>) async throws -> [String: S3Object] {
        let first = try await page(prefix: remote.root, token: nil)
        var found = chosen(first.objects, wanted)
        guard first.next != nil, let last = first.objects.last.flatMap({ id(of: $0.key) }) else { return found }
        // Four requests for an object take about as long as one for a page.
        guard pages(upTo: last) * 4 <= Double(wanted.count) else { return found }
        let rest = Set(wanted.filter { $0 > last }.map { String($0.prefix(2)) })
        try await withThrowingTaskGroup(of: [String: S3Object].self) { group in
            var next = rest.sorted().makeIterator()
            func add() -> Bool {
                guard let digits = next.next() else { return false }
                group.addTask { try await all(prefix: "\(remote.root)\(digits)/", wanted) }
                return true
            }
            var running = 0
            while running < remote.jobs, add() { running += 1 }
            while let more = try await group.next() {
                found.merge(more) { $1 }
                _ = add()
            }
        }
        return found
    }

    /// How many pages the whole listing has, when the first one reaches to this id.
    private func pages(upTo id: String) -> Double {
        let digits = UInt32(id.prefix(6), radix: 16) ?? 0
        return Double(1 << 24) / Double(digits + 1)
    }

    private func all(prefix: String, _ wanted: Set<String>) async throws -> [String: S3Object] {
        var found: [String: S3Object] = [:]
        var token: String?
        repeat {
            let page = try await page(prefix: prefix, token: token)
            found.merge(chosen(page.objects, wanted)) { $1 }
            token = page.next
        } while token != nil
        return found
    }

    private func page(prefix: String, token: String?) async throws(S3Error) -> S3Page {
        try await remote.retrying { () throws(S3Error) in
            try await remote.client.list(remote.location.bucket, prefix: prefix, token: token, limit: pageSize)
        }
    }

    private func chosen(_ listed: [S3Object], _ wanted: Set<String>) -> [String: S3Object] {
        var chosen: [String: S3Object] = [:]
        for object in listed {
            if let id = id(of: object.key), wanted.contains(id) { chosen[id] = object }
        }
        return chosen
    }

    private func id(of key: String) -> String? {
        guard key.hasPrefix(remote.root) else { return nil }
        let parts = key.dropFirst(remote.root.count).split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == 2 ? "\(parts[0])\(parts[1])" : nil
    }
}
