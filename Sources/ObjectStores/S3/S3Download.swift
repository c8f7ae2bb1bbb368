import Events
import Files
import HTTPTransfer

/// One download: asks for the rest as long as there is one and something comes of it.
struct S3Download {
    /// How many bytes go to the disk at once.
    private static let batch = 256 << 10

    private let wanted: WantedObject
    private let client: S3Client
    private let spool: Spool
    private var backoff: S3Backoff
    /// The bytes that are with the spool.
    private var received = 0
    /// What the first answer said the object is; every further one has to say the same.
    private var expected: S3ObjectHead?

    init(_ wanted: WantedObject, client: S3Client, spool: Spool) {
        self.wanted = wanted
        self.client = client
        self.spool = spool
        backoff = S3Backoff(longest: client.settings.longestPause)
    }

    mutating func run() async throws -> FetchedObject {
        while true {
            let before = received
            do {
                try await receive()
                return try await finish()
            } catch let error as S3Error where mayGoOn(after: error) {
                if received > before { backoff.reset() }
                guard backoff.failures < client.settings.stalledAttempts else { throw error }
                try await backoff.pause(after: error, client.time)
            }
        }
    }

    /// A download that has begun is worth going on with; one that has not is the caller's to repeat.
    private func mayGoOn(after error: S3Error) -> Bool {
        expected != nil && [.transport, .unavailable, .throttled].contains(error.code)
    }

    private var pin: S3Pin {
        S3Pin(versionID: wanted.versionID, etag: wanted.etag ?? expected?.etag)
    }

    private mutating func receive() async throws {
        // The connection may have broken after the last byte.
        if received > 0, received == expected?.size { return }
        let stream = try await client.get(wanted.bucket, wanted.key, pin: pin, range: .from(received))
        try check(S3ObjectHead { stream.header($0) })
        var surplus = try surplus(of: stream)
        var batch: [[UInt8]] = []
        var gathered = 0
        var failure: S3Error?
        var chunks = stream.body.makeAsyncIterator()
        while failure == nil {
            do throws(HTTPError) {
                guard let chunk = try await chunks.next() else { break }
                let dropped = min(surplus, chunk.count)
                surplus -= dropped
                batch.append(dropped == 0 ? chunk : Array(chunk[dropped...]))
                gathered += chunk.count - dropped
            } catch {
                failure = S3Error(error)
            }
            if let size = expected?.size, received + gathered > size { throw tooMuch }
            if gathered >= Self.batch { try await hand(&batch, &gathered) }
        }
        // What came before the break counts.
        try await hand(&batch, &gathered)
        if let failure { throw failure }
        if let size = expected?.size, received < size {
            throw S3Error(.transport, "\(wanted.key) ended after \(received) of \(size) bytes")
        }
    }

    private mutating func hand(_ batch: inout [[UInt8]], _ gathered: inout Int) async throws {
        guard gathered > 0 else { return }
        try await spool.append(batch)
        received += gathered
        batch = []
        gathered = 0
    }

    /// Compares an answer's head with what is wanted and with the answers before.
    private mutating func check(_ head: S3ObjectHead) throws(S3Error) {
        if let etag = expected?.etag ?? wanted.etag, let found = head.etag, etag != found { throw changed }
        if let size = expected?.size ?? wanted.size, let found = head.size, size != found { throw changed }
        if expected == nil {
            expected = S3ObjectHead(
                etag: head.etag ?? wanted.etag,
                versionID: head.versionID,
                size: head.size ?? wanted.size,
                modified: head.modified,
                etagMayBeMD5: head.etagMayBeMD5
            )
        }
    }

    /// How many bytes at the answer's beginning are here already: all of them where the server ignores ranges.
    private func surplus(of stream: HTTPStream) throws(S3Error) -> Int {
        guard received > 0, stream.status != 206 else {
            if received == 0, stream.status == 200 { return 0 }
            let start = stream.header("Content-Range")?.split(separator: " ").last?.split(separator: "-").first
            guard stream.status == 206, start.flatMap({ Int($0) }) == received else {
                throw S3Error(.badAnswer, "the server sent another part of \(wanted.key) than it was asked for")
            }
            return 0
        }
        return received
    }

    private func finish() async throws -> FetchedObject {
        let digests = try await spool.finish()
        if let etag = expected?.etag, isMD5(etag), expected?.etagMayBeMD5 == true, !isExpress,
            let md5 = digests.md5, md5 != etag.lowercased()
        {
            throw S3Error(
                .damaged,
                "the bytes of \(wanted.key) have the MD5 \(md5), the server announced \(etag); they are fetched again"
            )
        }
        return FetchedObject(sha256: digests.sha256, bytes: received, kept: FolderStore.Keeping.copy.rawValue)
    }

    /// Directory buckets give ETags that are random and may look like an MD5.
    private var isExpress: Bool { wanted.bucket.hasSuffix("--x-s3") }

    private var changed: S3Error {
        S3Error(.changed, "\(wanted.key) was replaced before it was read; its next version is taken instead")
    }

    private var tooMuch: S3Error {
        S3Error(.damaged, "the server sent more bytes of \(wanted.key) than it announced; they are fetched again")
    }
}

/// Whether an ETag can be the MD5 of an object that was put in one piece.
package func isMD5(_ etag: String) -> Bool {
    etag.utf8.count == 32
        && etag.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                true
            default: false
            }
        }
}
