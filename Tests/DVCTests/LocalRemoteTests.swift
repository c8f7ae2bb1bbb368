import DVC
import Files
import Testing

@Suite
struct LocalRemoteTests {
    private func entries(_ files: Tree) throws -> [ManifestEntry] {
        try ManifestReader.entries(of: manifest(files).bytes)
    }

    @Test
    func aPushCopiesWhatIsNotThere() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        let remote = LocalRemote(path: scratch("remote"))
        let first = try await remote.push(
            from: repository.cache,
            manifest: manifest(tiles(0..<5)).id,
            entries: entries(tiles(0..<5))
        )
        #expect(first.objects == 6 && first.present == 0)
        let again = try await remote.push(
            from: repository.cache,
            manifest: manifest(tiles(0..<5)).id,
            entries: entries(tiles(0..<5))
        )
        #expect(again.objects == 0 && again.bytes == 0 && again.present == 6)
        try store(tiles(5..<7), in: repository.cache)
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(0..<7)), message: "Add two")
        #expect(try await remote.holds(manifest: manifest(tiles(0..<5)).id))
        let more = try await remote.push(
            from: repository.cache,
            manifest: manifest(tiles(0..<7)).id,
            entries: entries(tiles(5..<7))
        )
        #expect(more.objects == 3 && more.present == 0)
        for file in tiles(0..<7) {
            let path = remote.objects.objectPath(md5Text(file.bytes))
            #expect(try readFile(path) == file.bytes)
            #expect(try fileInfo(path)?.mode == 0o444)
        }
        #expect(try listDirectory(remote.objects.root).compactMap(\.name).allSatisfy { $0.utf8.count == 2 })
    }

    @Test
    func aCutShortObjectIsReplaced() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<1))
        let remote = LocalRemote(path: scratch("remote"))
        let path = remote.objects.objectPath(md5Text(tiles(0..<1)[0].bytes))
        try createDirectories(parent(of: path))
        try writeAtomically([1], to: path, mode: 0o444)
        let manifest = try manifest(tiles(0..<1))
        _ = try await remote.push(
            from: repository.cache,
            manifest: manifest.id,
            entries: entries(tiles(0..<1))
        )
        #expect(try readFile(path) == tiles(0..<1)[0].bytes)
    }

    @Test
    func aMissingFileKeepsTheManifestAway() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<3))
        let remote = LocalRemote(path: scratch("remote"))
        try removeFile(repository.cache.objectPath(md5Text(tiles(1..<2)[0].bytes)))
        let id = try manifest(tiles(0..<3)).id
        let error = await #expect(throws: DVCError.self) {
            try await remote.push(from: repository.cache, manifest: id, entries: entries(tiles(0..<3)))
        }
        #expect(error?.code == .objectMissing)
        #expect(try !remote.objects.contains(id))
        #expect(try listDirectory(remote.objects.root).compactMap(\.name).allSatisfy { $0.utf8.count == 2 })
    }

    @Test
    func aManifestThatIsDamagedThereProvesNothing() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<2))
        let remote = LocalRemote(path: scratch("remote"))
        let old = try manifest(tiles(0..<2))
        #expect(try await !remote.holds(manifest: old.id))
        _ = try await remote.push(from: repository.cache, manifest: old.id, entries: entries(tiles(0..<2)))
        #expect(try await remote.holds(manifest: old.id))
        let path = remote.objects.objectPath(old.id)
        let bytes = try readFile(path)
        try removeFile(path)
        try writeAtomically(Array(bytes.dropLast(2)) + Array(" ]".utf8), to: path, mode: 0o444)
        #expect(try await !remote.holds(manifest: old.id))
    }

    @Test("an object is proved before it is sent, among many, a large one, and the manifest", arguments: [0, 20, 21])
    func aRottenObjectIsNotSent(rotten: Int) async throws {
        let scratch = try Scratch()
        let large: Tree = [("large.npy", [UInt8](repeating: 7, count: 3 << 20))]
        let files = tiles(0..<20) + large
        let repository = try await repository(scratch, files)
        let remote = LocalRemote(path: scratch("remote"))
        let id = try manifest(files).id
        let object = rotten < files.count ? md5Text(files[rotten].bytes) : id
        let path = repository.cache.objectPath(object)
        let sound = try readFile(path)
        try writeAtomically([sound[0] ^ 1] + sound.dropFirst(), to: path, mode: 0o444)
        func push() async throws {
            _ = try await remote.push(from: repository.cache, manifest: id, entries: entries(files))
        }
        let error = await #expect(throws: DVCError.self) { try await push() }
        #expect(error?.code == .objectDamaged && error?.message.contains(object) == true)
        #expect(try !remote.objects.contains(object) && !remote.objects.contains(id))
        try writeAtomically(sound, to: path, mode: 0o444)
        try await push()
        #expect(try await remote.holds(manifest: id))
        for file in files { #expect(try readFile(remote.objects.objectPath(md5Text(file.bytes))) == file.bytes) }
    }
}
