import Events
package import HTTPTransfer

extension S3Client {
    /// Lists one page of a bucket, in the order of the keys' bytes.
    ///
    /// - Parameters:
    ///   - startAfter: keys up to this one, itself included, are left out; only of use without `token`.
    ///   - token: the `next` of the page before.
    ///   - limit: keys on the page, 1,000 at most.
    package func list(
        _ bucket: String,
        prefix: String = "",
        startAfter: String? = nil,
        token: String? = nil,
        limit: Int = 1_000
    ) async throws(S3Error) -> S3Page {
        var query = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", String(min(max(1, limit), 1_000)))]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if let token {
            query.append(("continuation-token", token))
        } else if let startAfter, !startAfter.isEmpty {
            query.append(("start-after", startAfter))
        }
        let asked = query
        let answer = try await send(bucket, action: "list bucket \(bucket)") { (region) throws(S3Error) in
            try request("GET", bucket, query: asked, region: region)
        }
        let page = try S3Page(xml: answer.body)
        // A page that leads back to itself would be asked for until the end of days.
        guard page.next == nil || page.next != token else {
            throw S3Error(.badAnswer, "the listing of \(bucket) leads from a page to the same page")
        }
        return page
    }

    /// Reads a key, or one version of it; the body comes as fast as it is read.
    ///
    /// The answer's status is 206 where the server heeded the range, and 200 where it sends everything.
    package func get(
        _ bucket: String,
        _ key: String,
        pin: S3Pin = .newest,
        range: S3Range = .all
    ) async throws(S3Error) -> HTTPStream {
        let headers = pin.headers + range.headers
        let stream = try await open(bucket, action: "read \(key) in \(bucket)") { (region) throws(S3Error) in
            try request("GET", bucket, key: key, query: pin.query, headers: headers, region: region)
        }
        try pin.check(S3ObjectHead { stream.header($0) }, key: key)
        return stream
    }

    /// Reads a whole key into memory.
    package func read(_ bucket: String, _ key: String) async throws(S3Error) -> [UInt8] {
        let stream = try await get(bucket, key)
        return try await orThrow { () throws(HTTPError) in
            var bytes: [UInt8] = []
            var chunks = stream.body.makeAsyncIterator()
            while let chunk = try await chunks.next() { bytes += chunk }
            return bytes
        }
    }

    /// Describes a key, or one version of it, and takes it for gone only where S3 says so.
    ///
    /// A 404 to HEAD has no body that says whose it is; what GET is told then does.
    package func describe(
        _ bucket: String,
        _ key: String,
        pin: S3Pin = .newest
    ) async throws(S3Error) -> S3ObjectHead {
        do {
            return try await head(bucket, key, pin: pin)
        } catch {
            guard error.code == .gone else { throw error }
            let stream = try await get(bucket, key, pin: pin)
            return S3ObjectHead { stream.header($0) }
        }
    }

    /// Describes a key, or one version of it; anybody's 404 counts as word that it is gone.
    package func head(_ bucket: String, _ key: String, pin: S3Pin = .newest) async throws(S3Error) -> S3ObjectHead {
        let answer = try await send(bucket, action: "look at \(key) in \(bucket)") { (region) throws(S3Error) in
            try request("HEAD", bucket, key: key, query: pin.query, headers: pin.headers, region: region)
        }
        let head = S3ObjectHead { answer.header($0) }
        try pin.check(head, key: key)
        return head
    }
}

extension S3Range {
    var headers: [(String, String)] {
        switch self {
        case .all, .from(0): []
        case .from(let offset): [("Range", "bytes=\(offset)-")]
        case .bytes(let range): [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
        }
    }
}

extension S3Pin {
    var query: [(String, String)] {
        if case .version(let id) = self { [("versionId", id)] } else { [] }
    }

    var headers: [(String, String)] {
        if case .etag(let etag) = self { [("If-Match", "\"\(etag)\"")] } else { [] }
    }

    /// Not every server heeds `If-Match`, so what it answers with is compared as well.
    func check(_ head: S3ObjectHead, key: String) throws(S3Error) {
        guard case .etag(let wanted) = self, let found = head.etag, found != wanted else { return }
        throw S3Error(.changed, "\(key) was replaced before it was read; its next version is taken instead")
    }
}

extension S3ObjectHead {
    init(_ header: (String) -> String?) {
        let range = header("Content-Range")
        let total = range.map { $0.split(separator: "/").last.map(String.init) ?? "" } ?? header("Content-Length")
        // Where the server encrypts with keys of others, the ETag is of the encrypted bytes or of nothing.
        let isForeign =
            header("x-amz-server-side-encryption")?.hasPrefix("aws:kms") == true
            || header("x-amz-server-side-encryption-customer-algorithm") != nil
        self.init(
            etag: header("ETag").map(bareETag),
            versionID: header("x-amz-version-id").flatMap { $0 == "null" ? nil : $0 },
            size: total.flatMap(Int.init),
            modified: header("Last-Modified").flatMap(Timestamp.init(httpDate:)),
            etagMayBeMD5: !isForeign
        )
    }
}
