import Files
import Foundation
import HTTPTransfer
import ObjectStores
import TestSupport
import Testing

@Suite("S3 against real servers", .timeLimit(.minutes(5)))
struct S3ServerTests {
    /// Keys that servers, proxies and signatures stumble over, and that are file names too.
    static let oddKeys = [
        "plain.jpg", "a b.jpg", "a+b.jpg", "a%20b.jpg", "a%2Bb", "é.jpg", "e\u{301}.jpg", "日本/写真 1.jpg", "😀.jpg",
        "tilde~star*.jpg", "q?x=1&y=2#z", "semi;colon,comma", "brackets[1]{2}(3)", "quote'\"<>&.jpg", "back\\slash",
        "dots/.../x", "...", "-", "_", "=", "@", "!$^`|", "deep/er/and/deep/er.JPG",
    ]

    @Test("rclone: odd keys are put, listed, looked at and read, every request signed")
    func oddKeysAtRclone() async throws {
        let scratch = try Scratch("rclone")
        try scratch.directory("bucket")
        try await Servers.rclone(root: scratch.path) { port in
            let client = try Servers.client(port: port)
            try await tour(Self.oddKeys, client)
            let wrong = S3Client(
                settings: client.settings,
                http: try HTTPClient(),
                credentials: CredentialsProvider(
                    sources: [FixedCredentials(Credentials(accessKeyID: Servers.key, secretAccessKey: "wrong"))]
                )
            )
            let refused = try await failure { try await wrong.list("bucket") }
            #expect(refused.code == .denied)
        }
    }

    @Test("moto: odd keys are put, listed, looked at and read, dot segments and double slashes among them")
    func oddKeysAtMoto() async throws {
        try await Servers.moto { port in
            let client = try Servers.client(port: port)
            try await Servers.makeBucket("bucket", on: client)
            try await tour(Self.oddKeys + ["a//b", "a/./b", "a/../b", "trailing/", "control\u{1}"], client)
        }
    }

    private func tour(_ keys: [String], _ client: S3Client) async throws {
        for (index, key) in keys.enumerated() {
            try await client.put("bucket", key, .bytes(Array("object \(index)".utf8)))
        }
        var listed: [S3Object] = []
        var token: String?
        repeat {
            let page = try await client.list("bucket", token: token, limit: 7)
            #expect(page.objects.count <= 7)
            #expect(page.unreadable.isEmpty)
            listed += page.objects
            token = page.next
        } while token != nil
        // Swift holds é and e + accent for the same text; their bytes are not.
        #expect(Set(listed.map { Array($0.key.utf8) }) == Set(keys.map { Array($0.utf8) }))
        #expect(listed.count == keys.count)
        for object in listed {
            let index = try #require(keys.firstIndex { Array($0.utf8) == Array(object.key.utf8) })
            let head = try await client.head("bucket", object.key)
            #expect(head.etag == object.etag)
            #expect(head.size == object.size)
            let stream = try await client.get("bucket", object.key, pin: .etag(object.etag))
            #expect(try await whole(stream) == Array("object \(index)".utf8), "\(object.key)")
        }
    }

    @Test("moto: a listing goes on after a key, under a prefix, page by page")
    func pages() async throws {
        try await Servers.moto { port in
            let client = try Servers.client(port: port)
            try await Servers.makeBucket("bucket", on: client)
            for index in 0..<25 { try await client.put("bucket", "in/\(100 + index)", .bytes([1])) }
            try await client.put("bucket", "out/1", .bytes([1]))
            let first = try await client.list("bucket", prefix: "in/", startAfter: "in/104", limit: 10)
            #expect(first.objects.map(\.key) == (105..<115).map { "in/\($0)" })
            let second = try await client.list("bucket", prefix: "in/", token: first.next, limit: 10)
            #expect(second.objects.map(\.key) == (115..<125).map { "in/\($0)" })
            #expect(second.next == nil)
            #expect(try await client.list("bucket", prefix: "nothing").objects.isEmpty)
            #expect(try await failure { try await client.list("no-such-bucket") }.code == .noBucket)
        }
    }

    @Test("moto: a pinned version is read or refused, never another one")
    func pins() async throws {
        try await Servers.moto { port in
            let client = try Servers.client(port: port)
            try await Servers.makeBucket("bucket", on: client)
            try await version("bucket", on: client)
            let old = try await client.put("bucket", "k", .bytes([1]))
            let new = try await client.put("bucket", "k", .bytes([2, 2]))
            let id = try #require(old.versionID)
            #expect(try await whole(try await client.get("bucket", "k", pin: .version(id))) == [1])
            #expect(try await client.head("bucket", "k", pin: .version(id)).size == 1)
            #expect(try await whole(try await client.get("bucket", "k", pin: .etag(new.etag))) == [2, 2])
            #expect(try await failure { try await client.get("bucket", "k", pin: .etag(old.etag)) }.code == .changed)
            #expect(try await failure { try await client.head("bucket", "k", pin: .etag(old.etag)) }.code == .changed)
            #expect(try await failure { try await client.get("bucket", "gone") }.code == .gone)
            #expect(try await failure { try await client.head("bucket", "gone") }.code == .gone)
            let range = try await client.get("bucket", "k", range: .bytes(1..<2))
            #expect(range.status == 206)
            #expect(try await whole(range) == [2])
            let kept = try await failure { try await client.put("bucket", "k", .bytes([3]), ifNoneMatch: true) }
            #expect(kept.code == .exists)
            try await client.put("bucket", "fresh", .bytes([3]), ifNoneMatch: true)
        }
    }

    private func version(_ bucket: String, on client: S3Client) async throws {
        _ = try await client.send(bucket, action: "version \(bucket)") { (region) throws(S3Error) in
            var request = try client.request("PUT", bucket, query: [("versioning", "")], region: region)
            let body = Array("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".utf8)
            request.body = .bytes(body)
            request.payload = .hash(sha256(body))
            return request
        }
    }

    @Test(
        "both: a large object goes in parts, from memory and from a file, and comes back whole",
        arguments: [true, false]
    )
    func parts(_ atRclone: Bool) async throws {
        let scratch = try Scratch("parts")
        try scratch.directory("root/bucket")
        let bytes = noise(12 << 20)
        let file = scratch.file("large")
        try writeNew(bytes, to: file, mode: 0o600, synchronized: false)
        let test: (Int) async throws -> Void = { port in
            let client = try Servers.client(port: port) {
                $0.multipartThreshold = 6 << 20
                $0.partSize = 5 << 20
            }
            if !atRclone { try await Servers.makeBucket("bucket", on: client) }
            for content in [S3Content.bytes(bytes), .file(path: file)] {
                let written = try await client.put("bucket", "large", content)
                let head = try await client.head("bucket", "large")
                #expect(head.size == bytes.count)
                if !atRclone {
                    #expect(written.etag.hasSuffix("-3"))
                    #expect(head.etag == written.etag)
                }
                let destination = scratch.file("got-\(UUID().uuidString)")
                let wanted = WantedObject(
                    bucket: "bucket",
                    key: "large",
                    version: head.etag ?? "",
                    etag: head.etag,
                    size: bytes.count
                )
                let fetched = try await S3Store(client: client).fetch(wanted, to: destination)
                #expect(fetched == FetchedObject(sha256: sha256(bytes), bytes: bytes.count, kept: "copy"))
                #expect(try readFile(destination) == bytes)
            }
        }
        if atRclone {
            try await Servers.rclone(root: scratch.file("root"), test)
        } else {
            try await Servers.moto(test)
        }
    }
}
