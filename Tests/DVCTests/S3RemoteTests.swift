import DVC
import Files
import ObjectStores
import TestSupport
import Testing

/// Pushes to real S3 servers, with the real dvc as the judge of what is there.
@Suite(.timeLimit(.minutes(10)))
struct S3RemoteTests {
    private func entries(_ files: Tree) throws -> [ManifestEntry] {
        try ManifestReader.entries(of: manifest(files).bytes)
    }

    @Test("a clone that pulls from the bucket has the same bytes", arguments: S3Peer.allCases)
    func pull(_ kind: S3Peer) async throws {
        let scratch = try Scratch()
        let files = tiles(0..<40) + [("é/日本 \u{1F681}.png", [3]), ("empty", [])]
        try await BucketServer.run(kind, scratch) { server in
            let repository = try await repository(scratch, files, remote: server.settings)
            let remotes = Remotes(
                repository: repository.path,
                environment: AWSEnvironment(BucketServer.environment)
            )
            let remote = try await remotes.remote("s3://bucket/data")
            let id = try manifest(files).id
            let pushed = try await remote.push(
                from: repository.cache,
                manifest: id,
                entries: entries(files)
            )
            #expect(pushed.objects == files.count + 1)
            let status = try await Peer.dvc(
                ["status", "--cloud"],
                in: repository.path,
                environment: BucketServer.environment
            )
            #expect(status.contains("in sync"))
            try await Peer.git(["clone", "--quiet", repository.path, scratch("clone")], in: scratch.path)
            try await Peer.dvc(["pull", "--quiet"], in: scratch("clone"), environment: BucketServer.environment)
            #expect(same(try read(below: scratch("clone/p")), files))
            // dvc has nothing left to push.
            let again = try await Peer.dvc(
                ["push"],
                in: repository.path,
                environment: BucketServer.environment
            )
            #expect(again.contains("up to date"))
            await remotes.close()
        }
    }

    @Test("what is there is not sent again, also where nobody knows what was pushed before")
    func present() async throws {
        let scratch = try Scratch()
        try await BucketServer.run(.moto, scratch) { server in
            let repository = try await repository(scratch, tiles(0..<620))
            let remote = server.remote
            func push(_ files: Tree) async throws -> PushResult {
                try await remote.push(from: repository.cache, manifest: manifest(files).id, entries: entries(files))
            }
            // As after a kill: some of the objects, and no manifest.
            for file in tiles(0..<45) {
                try await server.client.put("bucket", server.key(md5Text(file.bytes)), .bytes(file.bytes))
            }
            let few = tiles(0..<50)
            try await store(repository, few)
            #expect(try await push(few) == PushResult(objects: 6, bytes: bytes(few, 45..<50), present: 45))
            let many = tiles(0..<600)
            try await store(repository, many)
            let listed = try await push(many)
            #expect(listed.objects == 551 && listed.present == 50)
            #expect(try await push(many) == PushResult(objects: 0, bytes: 0, present: 601))
            #expect(try await remote.holds(manifest: manifest(many).id))
            #expect(try await !remote.holds(manifest: manifest(tiles(0..<620)).id))
        }
    }

    /// Publishes, so that the manifest is in the cache.
    private func store(_ repository: DatasetRepository, _ files: Tree) async throws {
        _ = try await repository.publish(partition: "p", manifest: manifest(files), message: "Renew p")
    }

    private func bytes(_ files: Tree, _ range: Range<Int>) throws -> Int {
        try files[range].reduce(0) { $0 + $1.bytes.count } + manifest(files).bytes.count
    }

    @Test("an object that is damaged in the bucket is replaced, whether it is listed or not", arguments: [20, 510])
    func damagedThere(count: Int) async throws {
        let scratch = try Scratch()
        try await BucketServer.run(.moto, scratch) { server in
            let files = tiles(0..<count)
            let repository = try await repository(scratch, files)
            let flipped = files[3].bytes.dropLast() + [0]
            for (file, bytes) in [(files[3], Array(flipped)), (files[4], [1])] {
                try await server.client.put("bucket", server.key(md5Text(file.bytes)), .bytes(bytes))
            }
            let pushed = try await server.remote.push(
                from: repository.cache,
                manifest: manifest(files).id,
                entries: entries(files)
            )
            #expect(pushed.objects == count + 1 && pushed.present == 0)
            for file in files[3...4] { #expect(try await server.read(md5Text(file.bytes)) == file.bytes) }
        }
    }

    @Test("what is missing or damaged in the cache keeps the manifest away, and is not sent")
    func damagedHere() async throws {
        let scratch = try Scratch()
        try await BucketServer.run(.moto, scratch) { server in
            let files = tiles(0..<3)
            let repository = try await repository(scratch, files)
            let id = try manifest(files).id
            let object = md5Text(files[1].bytes)
            let path = repository.cache.objectPath(object)
            func push() async throws {
                _ = try await server.remote.push(from: repository.cache, manifest: id, entries: entries(files))
            }
            try removeFile(path)
            #expect(await #expect(throws: DVCError.self) { try await push() }?.code == .objectMissing)
            try writeAtomically(Array(files[1].bytes.dropLast() + [0]), to: path, mode: 0o444)
            #expect(await #expect(throws: DVCError.self) { try await push() }?.code == .objectDamaged)
            #expect(try await !server.has(id))
            #expect(try await !server.has(object))
            try removeFile(path)
            try writeAtomically(files[1].bytes, to: path, mode: 0o444)
            try await push()
            #expect(try await server.has(id))
        }
    }

    @Test("a manifest that is damaged in the bucket proves nothing")
    func damagedManifest() async throws {
        let scratch = try Scratch()
        try await BucketServer.run(.moto, scratch) { server in
            let repository = try await repository(scratch, tiles(0..<2))
            let old = try manifest(tiles(0..<2))
            let remote = server.remote
            _ = try await remote.push(from: repository.cache, manifest: old.id, entries: entries(tiles(0..<2)))
            try await server.client.put(
                "bucket",
                server.key(old.id),
                .bytes(Array(old.bytes.dropLast()) + Array(" ]".utf8))
            )
            #expect(try await !remote.holds(manifest: old.id))
        }
    }

    @Test("a large object goes in parts, and dvc pulls it whole")
    func parts() async throws {
        let scratch = try Scratch()
        try await BucketServer.run(.moto, scratch) { server in
            var generator = SeededGenerator(seed: 5)
            let large = (0..<(11 << 17)).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
            let files: Tree = [("large.npy", large), ("small", [1])]
            let repository = try await repository(scratch, files, remote: server.settings)
            var settings = server.client.settings
            settings.multipartThreshold = 6 << 20
            settings.partSize = 5 << 20
            let client = S3Client(
                settings: settings,
                http: server.http,
                credentials: nil
            )
            let remote = S3Remote(location: S3Location(bucket: "bucket", prefix: "data/"), client: client)
            let pushed = try await remote.push(
                from: repository.cache,
                manifest: manifest(files).id,
                entries: entries(files)
            )
            #expect(pushed.objects == 3)
            #expect(try await server.client.head("bucket", server.key(md5Text(large))).etag?.hasSuffix("-3") == true)
            try await Peer.git(["clone", "--quiet", repository.path, scratch("clone")], in: scratch.path)
            try await Peer.dvc(["pull", "--quiet"], in: scratch("clone"), environment: BucketServer.environment)
            #expect(same(try read(below: scratch("clone/p")), files))
        }
    }

    @Test("a remote that dvc has set up is understood: its place, endpoint, and keys that only config.local has")
    func setUpByDVC() async throws {
        let scratch = try Scratch()
        try await BucketServer.run(.rclone, scratch) { server in
            let files = tiles(0..<4)
            let repository = try await repository(scratch, files)
            for arguments in [
                ["remote", "add", "--default", "Lab", "s3://bucket"],
                ["remote", "add", "team", "remote://lab/data"],
                ["remote", "modify", "lab", "endpointurl", server.endpoint],
                ["remote", "modify", "--local", "lab", "access_key_id", BucketServer.key],
                ["remote", "modify", "--local", "lab", "secret_access_key", BucketServer.secret],
            ] {
                try await Peer.dvc(arguments, in: repository.path)
            }
            let found = try #require(try DVCSettings(repository: repository.path).remote("team"))
            #expect(found.url == "s3://bucket/data")
            let nobody = AWSEnvironment(["AWS_EC2_METADATA_DISABLED": "true"])
            let remotes = Remotes(repository: repository.path, environment: nobody)
            _ = try await remotes.remote(found.url).push(
                from: repository.cache,
                manifest: manifest(files).id,
                entries: entries(files)
            )
            await remotes.close()
            let status = try await Peer.dvc(["status", "--cloud", "--remote", "team"], in: repository.path)
            #expect(status.contains("in sync"))
        }
    }
}
