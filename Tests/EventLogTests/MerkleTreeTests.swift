import EventLog
import Events
import Foundation
import GRDB
import Testing

@Suite("The log's Merkle tree")
struct MerkleTreeTests {
    @Test("roots are those of the test data of RFC 6962's authors")
    func knownRoots() throws {
        let leaves = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        var tree = MerkleTree()
        #expect(tree.root.description == roots[0])
        for (index, leaf) in leaves.enumerated() {
            tree.append(Digest(of: [0] + (try #require(bytes(hex: leaf)))))
            #expect(tree.size == index + 1)
            #expect(tree.root.description == roots[index + 1])
        }
    }

    @Test("roots are those of RFC 6962's recursive definition, and 256 leaves are stored as one node")
    func definition() {
        let leaves = (0..<1_030).map { Digest(of: Array(String($0).utf8)) }
        var tree = MerkleTree()
        var stored: [MerkleTree.Node] = []
        for (index, leaf) in leaves.enumerated() {
            stored += tree.append(leaf)
            #expect(tree.root == Self.root(of: leaves[...index]))
        }
        #expect(stored.map(\.number) == [0, 1, 2, 3] && stored.allSatisfy { $0.level == 8 })
        #expect(stored[2].hash == Self.root(of: leaves[512..<768]))
    }

    private static func root(of leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1, let only = leaves.first else { return leaves.first ?? Digest(of: []) }
        _ = only
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        let middle = leaves.startIndex + half
        return MerkleTree.parent(root(of: leaves[..<middle]), root(of: leaves[middle...]))
    }

    @Test("a log that is opened again has the tree that it was closed with, at every size")
    func restored() async throws {
        let store = try TestLog()
        for size in 0...600 {
            let log = try store.open()
            #expect(try log.treeHead?.root == Self.fullRoot(store.path))
            #expect(log.treeHead?.size == size && log.headPosition == size)
            try await log.append([event(size)])
            let head = log.treeHead
            try log.close()
            #expect(try head?.root == Self.fullRoot(store.path))
        }
    }

    @Test("so it is around 65,536 events, where a node of the second level is stored")
    func restoredLarge() async throws {
        let store = try TestLog()
        let log = try store.open()
        for _ in 0..<16 { try await log.append((0..<4_095).map { event($0) }) }
        try log.close()
        for batch in [15, 1, 1, 255, 1, 300] {
            let log = try store.open()
            #expect(try log.treeHead?.root == Self.fullRoot(store.path))
            try await log.append((0..<batch).map { event($0) })
            try log.close()
        }
        let last = try store.open()
        #expect(last.treeHead?.size == 16 * 4_095 + 573)
        #expect(try last.treeHead?.root == Self.fullRoot(store.path))
        let database = try DatabaseQueue(path: store.path)
        let second = try await database.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM merkle_nodes WHERE level = 16")
        }
        #expect(second == 1)
    }

    /// The root from all leaves, without stored nodes.
    private static func fullRoot(_ path: String) throws -> Digest {
        let leaves = try DatabaseQueue(path: path).read {
            try Data.fetchAll($0, sql: "SELECT leaf FROM events ORDER BY position")
        }
        return root(of: leaves.compactMap { Digest(bytes: Array($0)) }[...])
    }

    @Test("a Python program of thirty lines computes the same root from the file alone")
    func independently() async throws {
        let store = try TestLog()
        let log = try store.open()
        try await log.append((0..<300).map { event($0, correlation: 1) })
        let payload = CanonicalJSON { $0.set("text", "Übersicht \"1\"\\\n\u{1}\u{1F600}") }.bytes
        for stream in ["derivation/\"x\"", "object/größe"] {
            try await log.append([
                ProposedEvent(
                    type: "Odd\"Type",
                    schemaVersion: 3,
                    payload: payload,
                    stream: stream,
                    cause: .event(7)
                )
            ])
        }
        let head = try #require(log.treeHead)
        let script = """
            import hashlib, json, sqlite3, sys, uuid
            sha256 = lambda data: hashlib.sha256(data).digest()
            def leaf(row):
                (position, event_id, stream, revision, type, schema_version, recorded_at, actor, causation, correlation,
                    salt, payload) = row
                envelope = {
                    "position": position, "event_id": str(uuid.UUID(bytes=event_id)), "stream": stream,
                    "revision": revision, "type": type, "schema_version": schema_version, "recorded_at": recorded_at,
                    "actor": actor, "payload_digest": sha256(salt + payload.encode()).hex()}
                if causation is not None: envelope["causation"] = causation
                if correlation is not None: envelope["correlation"] = correlation
                text = json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                return sha256(b"\\0" + text.encode())
            def root(leaves):
                if len(leaves) < 2: return leaves[0] if leaves else sha256(b"")
                half = 1
                while half * 2 < len(leaves): half *= 2
                return sha256(b"\\1" + root(leaves[:half]) + root(leaves[half:]))
            rows = sqlite3.connect(sys.argv[1]).execute(
                "SELECT position, event_id, stream, revision, type, schema_version, recorded_at, actor, causation,"
                " correlation, salt, payload FROM events ORDER BY position")
            leaves = [leaf(row) for row in rows]
            print(len(leaves), root(leaves).hex())
            """
        #expect(try store.python(script) == "\(head.size) \(head.root)")
    }

    @Test("every leaf in the file is the hash of its row")
    func leaves() async throws {
        let store = try TestLog()
        let log = try store.open()
        try await log.append((0..<50).map { event($0) })
        let rows = try DatabaseQueue(path: store.path).read {
            try Row.fetchAll($0, sql: "SELECT salt, leaf FROM events ORDER BY position")
        }
        for (event, row) in zip(try await all(log), rows) {
            let leaf = MerkleLeaf.hash(of: event, salt: Array(row["salt"] as Data))
            #expect(Data(leaf.bytes) == row["leaf"] as Data)
        }
        #expect(Set(rows.map { $0["salt"] as Data }).count == 50)
    }
}
