import Files
import ObjectStores
import TestSupport
import Testing

@Suite("Folders as stores")
struct FolderStoreTests {
    @Test("a file is fetched as the version that was observed, or not at all", arguments: FolderStore.Keeping.allCases)
    func fetch(_ keeping: FolderStore.Keeping) async throws {
        let scratch = try Scratch("folder")
        let root = try scratch.directory("root")
        try writeNew([1, 2, 3], to: "\(root)/k", mode: 0o600, synchronized: false)
        let modified = try #require(try fileInfo("\(root)/k")).modified
        let store: any ObjectStore = FolderStore(root: root, keeping: keeping)
        func wanted(_ key: String, size: Int?) -> WantedObject {
            WantedObject(bucket: root, key: key, version: "\(modified)", size: size)
        }
        let fetched = try await store.fetch(wanted("k", size: 3), to: scratch.file("copy"))
        #expect(fetched == FetchedObject(sha256: sha256([1, 2, 3]), bytes: 3, kept: keeping.rawValue))
        #expect(try readFile(scratch.file("copy")) == [1, 2, 3])
        for (object, code) in [
            (wanted("k", size: 4), StoreError.Code.changed), (wanted("k", size: nil), .changed),
            (wanted("none", size: 3), .gone),
        ] {
            let error = await #expect(throws: StoreError.self) {
                try await store.fetch(object, to: scratch.file("other"))
            }
            #expect(error?.code == code)
        }
        #expect(try fileInfo(scratch.file("other")) == nil)
    }
}
