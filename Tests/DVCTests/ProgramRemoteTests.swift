import DVC
import Files
import TestSupport
import Testing

/// Remotes that only the real `dvc` speaks to, and those that both do.
@Suite(.timeLimit(.minutes(10)))
struct ProgramRemoteTests {
    private let program = DVCProgram(program: "\(Peer.bin)/dvc")

    private func push(_ files: Tree, of repository: DatasetRepository, to remote: any Remote) async throws -> PushResult
    {
        let entries = try await repository.entries(of: try #require(try await repository.pointer(of: "p")))
        return try await remote.push(from: repository.cache, manifest: manifest(files).id, entries: entries)
    }

    @Test("what dvc pushes for us is what we push ourselves, byte for byte, and the second push sends nothing")
    func sameBytes() async throws {
        let scratch = try Scratch()
        let files = tiles(0..<25) + [("empty", []), ("Ünï/ 1.png", Array("x".utf8))]
        let repository = try await repository(scratch, files)
        let settings = RemoteSettings(name: "place", url: scratch("theirs"))
        let remote = ProgramRemote(settings: settings, repository: repository.path, program: program)
        #expect(try await push(files, of: repository, to: remote).objects == files.count + 1)
        #expect(try await push(files, of: repository, to: remote).objects == 0)
        _ = try await push(files, of: repository, to: LocalRemote(path: scratch("ours")))
        #expect(same(try read(below: scratch("theirs")), try read(below: scratch("ours"))))
        #expect(try await Peer.git(["status", "--porcelain"], in: repository.path).isEmpty)
    }

    @Test("a WebDAV server gets each version, a stock dvc pulls it from there, and what the cache lacks is told")
    func webdav() async throws {
        let scratch = try Scratch()
        let served = scratch("served")
        // DVC does not make the directory that the remote is.
        try createDirectories("\(served)/data")
        let rclone = try Tool("\(Peer.bin)/rclone")
        try await rclone.whileRunning(["serve", "webdav", served, "--addr", "127.0.0.1:0"]) { running in
            var endpoint = ""
            try await eventually("rclone listens") {
                let text = running.outputSoFar + running.errorsSoFar
                endpoint = text.firstMatch(of: /http:\/\/127\.0\.0\.1:\d+(?=\D)/).map { String($0.output) } ?? ""
                return !endpoint.isEmpty
            }
            let place = RemoteSettings(name: "dav", url: endpoint.replacing("http://", with: "webdav://") + "/data")
            try await program.check(place.url)
            let repository = try await repository(scratch, tiles(0..<9), remote: place)
            let remote = ProgramRemote(settings: place, repository: repository.path, program: program)
            _ = try await push(tiles(0..<9), of: repository, to: remote)
            let ours = LocalRemote(path: scratch("ours"))
            _ = try await push(tiles(0..<9), of: repository, to: ours)
            #expect(same(try read(below: "\(served)/data"), try read(below: scratch("ours"))))
            try await Peer.git(["clone", "--quiet", repository.path, scratch("clone")], in: scratch.path)
            try await Peer.dvc(["pull", "--quiet"], in: scratch("clone"))
            #expect(same(try read(below: scratch("clone/p")), tiles(0..<9)))

            try removeFile(repository.cache.objectPath(md5Text(tiles(3..<4)[0].bytes)))
            let error = await #expect(throws: DVCError.self) {
                try await push(tiles(0..<9), of: repository, to: remote)
            }
            #expect(error?.code == .objectMissing)
        }
    }

    @Test("no dvc, and a dvc that lacks the part for a place, are told by the check")
    func missing() async throws {
        let none = await #expect(throws: DVCError.self) {
            try await DVCProgram(program: "/nonexistent/dvc").check("webdav://h/d")
        }
        #expect(none?.code == .dvcMissing)
        let part = await #expect(throws: DVCError.self) { try await program.check("hdfs://h/d") }
        #expect(part?.code == .dvcMissing && part?.message.contains("dvc-hdfs") == true)
    }
}
