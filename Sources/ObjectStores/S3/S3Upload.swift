import Events
import HTTPTransfer

/// Puts one object in parts, several at a time, and leaves nothing behind where that fails.
package struct S3Upload {
    let client: S3Client
    let bucket: String
    let key: String
    let content: S3Content
    let length: Int

    package init(client: S3Client, bucket: String, key: String, content: S3Content, length: Int) {
        self.client = client
        self.bucket = bucket
        self.key = key
        self.content = content
        self.length = length
    }

    /// How often a part is tried that fails for a reason that may pass.
    private static let attempts = 4

    func run(headers: [(String, String)], conditions: [(String, String)]) async throws(S3Error) -> S3Written {
        let id = try await begin(headers)
        do {
            return try await complete(id, parts: try await putParts(id), conditions: conditions)
        } catch {
            // Parts that nobody completes are paid for until the end of days; this is done in a task of its own since
            // the reason may be that this one is cancelled.
            await Task { [self] in await abort(id) }.value
            throw error
        }
    }

    /// The bytes of each part: as the settings say, more where 10,000 parts would not do.
    package var parts: [Range<Int>] {
        let size = max(client.settings.partSize, 5 << 20, (length + 9_999) / 10_000)
        return stride(from: 0, to: length, by: size).map { $0..<min($0 + size, length) }
    }

    private func begin(_ headers: [(String, String)]) async throws(S3Error) -> String {
        let answer = try await send("POST", query: [("uploads", "")], headers: headers, action: "begin to put")
        guard let id = XMLReading.values(of: answer.body)?.values["UploadId"], !id.isEmpty else {
            throw S3Error(.badAnswer, "the server began no upload of \(key); does it know multipart uploads?")
        }
        return id
    }

    private func putParts(_ id: String) async throws(S3Error) -> [String] {
        let parts = parts
        do {
            return try await withThrowingTaskGroup(of: (Int, String).self) { group in
                var etags = [String](repeating: "", count: parts.count)
                var next = 0
                func add() {
                    let index = next
                    next += 1
                    group.addTask { (index, try await putPart(index + 1, parts[index], id)) }
                }
                while next < min(parts.count, max(1, client.settings.parallelParts)) { add() }
                while let (index, etag) = try await group.next() {
                    etags[index] = etag
                    if next < parts.count { add() }
                }
                return etags
            }
        } catch let error as S3Error {
            throw error
        } catch {
            throw S3Error(.cancelled, "putting \(key) was cancelled")
        }
    }

    private func putPart(_ number: Int, _ piece: Range<Int>, _ id: String) async throws(S3Error) -> String {
        var backoff = S3Backoff(longest: client.settings.longestPause)
        while true {
            do throws(S3Error) {
                let answer = try await client.putPiece(
                    bucket,
                    key,
                    content,
                    piece: piece,
                    query: [("partNumber", "\(number)"), ("uploadId", id)],
                    action: "put part \(number) of \(key) into \(bucket)"
                )
                guard let etag = answer.header("ETag") else {
                    throw S3Error(.badAnswer, "the server gave part \(number) of \(key) no ETag")
                }
                return etag
            } catch {
                guard error.isPassing, backoff.failures + 1 < Self.attempts else { throw error }
                try await backoff.pause(after: error, client.time)
            }
        }
    }

    private func complete(
        _ id: String,
        parts: [String],
        conditions: [(String, String)]
    ) async throws(S3Error) -> S3Written {
        let list = parts.enumerated().map { index, etag in
            let text = etag.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            return "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(text)</ETag></Part>"
        }
        let body = "<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>"
        let answer = try await send(
            "POST",
            query: [("uploadId", id)],
            headers: conditions + [("Content-Type", "application/xml")],
            body: Array(body.utf8),
            action: "complete"
        )
        // The server may find out that it fails when it has long said 200.
        guard let result = XMLReading.values(of: answer.body), result.root == "CompleteMultipartUploadResult" else {
            let failure = ServiceAnswer(status: 500, headers: answer.headers, body: answer.body)
            throw S3Error(failure, action: "complete \(key) in \(bucket)", now: client.time.now())
        }
        return S3Written(
            etag: bareETag(result.values["ETag"] ?? ""),
            versionID: answer.header("x-amz-version-id")
        )
    }

    private func abort(_ id: String) async {
        // Where this fails too, the bucket's lifecycle rule is what is left.
        _ = try? await send("DELETE", query: [("uploadId", id)], action: "abort")
    }

    private func send(
        _ method: String,
        query: [(String, String)],
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        action: String
    ) async throws(S3Error) -> ServiceAnswer {
        try await client.send(bucket, action: "\(action) \(key) in \(bucket)") { (region) throws(S3Error) in
            var request = try client.request(method, bucket, key: key, query: query, headers: headers, region: region)
            request.body = .bytes(body)
            request.payload = .hash(sha256(body))
            // Putting many parts together takes a server minutes.
            request.timeouts.total = .seconds(600)
            request.timeouts.idle = .seconds(600)
            return request
        }
    }
}
