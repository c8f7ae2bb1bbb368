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
        try await WebDAVPeer.whileRunning(root: scratch("served")) { server in
            let place = RemoteSettings(name: "dav", url: server.url)
            try await program.check(place.url)
            let repository = try await repository(scratch, tiles(0..<9), remote: place)
            let remote = ProgramRemote(settings: place, repository: repository.path, program: program)
            let result = try await push(tiles(0..<9), of: repository, to: remote)
            let ours = LocalRemote(path: scratch("ours"))
            #expect(try await push(tiles(0..<9), of: repository, to: ours) == result)
            #expect(same(try read(below: server.directory), try read(below: scratch("ours"))))
            try await Peer.git(["clone", "--quiet", repository.path, scratch("clone")], in: scratch.path)
            try await Peer.dvc(["pull", "--quiet"], in: scratch("clone"))
            #expect(same(try read(below: scratch("clone/p")), tiles(0..<9)))

            // How many bytes a part of them has, dvc does not say.
            try await server.remove(key(md5Text(tiles(2..<3)[0].bytes)))
            try await server.remove(key(try manifest(tiles(0..<9)).id))
            let some = try await push(tiles(0..<9), of: repository, to: remote)
            #expect(some.objects == 2 && some.bytes == nil && some.present == 8)
            let none = try await push(tiles(0..<9), of: repository, to: remote)
            #expect(none == PushResult(objects: 0, bytes: 0, present: 10))

            try removeFile(repository.cache.objectPath(md5Text(tiles(3..<4)[0].bytes)))
            let error = await #expect(throws: DVCError.self) {
                try await push(tiles(0..<9), of: repository, to: remote)
            }
            #expect(error?.code == .objectMissing)
        }
    }

    private func key(_ id: String) -> String { "files/md5/\(id.prefix(2))/\(id.dropFirst(2))" }

    @Test("a WebDAV server is looked at by dvc: what is missing is found and sent again, reading finds other bytes")
    func looking() async throws {
        let scratch = try Scratch()
        try await WebDAVPeer.whileRunning(root: scratch("served")) { server in
            let place = RemoteSettings(name: "dav", url: server.url)
            let files = tiles(0..<9)
            let repository = try await repository(scratch, files, remote: place)
            let remote = ProgramRemote(settings: place, repository: repository.path, program: program)
            _ = try await push(files, of: repository, to: remote)
            let manifest = ExpectedObject(id: try manifest(files).id)
            let all = files.map { ExpectedObject(id: md5Text($0.bytes), size: $0.bytes.count) } + [manifest]
            for reads in [false, true] {
                #expect(try await remote.faults(among: all, reads: reads) { _ in } == [:])
                #expect(remote.comparesBytes(reads: reads) == reads)
            }
            // A manifest that is there is no proof for dvc's status here: one of its files is gone.
            try await server.remove(key(all[2].id))
            try writeAtomically(Array("spoilt".utf8), to: scratch("spoilt"))
            try await server.put(scratch("spoilt"), as: key(all[5].id))
            #expect(try await remote.faults(among: all, reads: false) { _ in } == [all[2].id: .missing])
            let read = try await remote.faults(among: all, reads: true) { _ in }
            #expect(read.count == 2 && read[all[2].id] == .missing && read[all[5].id] != .missing)
            #expect(try await remote.read(all[2]) == nil)
            #expect(try await remote.read(all[5]) == nil)
            #expect(try await remote.read(all[6]) == files[6].bytes)

            try await remote.replace([all[2], all[5]], from: repository.cache)
            #expect(try await remote.faults(among: all, reads: true) { _ in }.keys.sorted() == [all[5].id])
            try await server.remove(key(all[5].id))
            try await server.remove(key(manifest.id))
            let missing = try await remote.faults(among: all, reads: false) { _ in }
            #expect(missing == [all[5].id: .missing, manifest.id: .missing])
            try await remote.replace([manifest, all[5]], from: repository.cache)
            #expect(try await remote.faults(among: all, reads: true) { _ in } == [:])
            #expect(try await Peer.dvc(["status", "--cloud"], in: repository.path).contains("in sync"))
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
