import Foundation
import TestSupport
import Testing

@Suite("Killed after any step of a repair, the next one puts right what is left", .timeLimit(.minutes(15)))
struct KilledRepairTests {
    private let station: Station
    private var world: String { station.scratch.file("world") }
    private var remote: String { "\(world)/remote" }
    private var dataset: String { "\(world)/store/dataset" }

    init() throws {
        station = try Station("killed-repair")
        _ = try station.scratch.directory("world")
    }

    private func run(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> Outcome {
        let settings = ["SWATHLOG_STORE": "\(world)/store", "SWATHLOG_DVC_REMOTE": remote]
        return try await station.program(settings.merging(variables) { $1 }).run(arguments)
    }

    /// All files of the remote and of the dataset with their bytes: the cache's, the work tree's, and what is left over.
    private func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for root in [remote, "\(dataset)/.dvc/cache", "\(dataset)/.dvc/tmp/swathlog", "\(dataset)/north"] {
            for name in (try? files(below: root)) ?? [] {
                contents["\(root)/\(name)"] = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)"))
            }
        }
        return contents
    }

    private func object(_ root: String, _ id: String) -> String {
        "\(root)/files/md5/\(id.prefix(2))/\(id.dropFirst(2))"
    }

    /// Changes a file in place, as a disk does: under each of its names.
    private func spoil(_ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.write(contentsOf: Data("spoilt".utf8))
        try file.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    }

    @Test("in the cache, the work tree and the remote, no byte is other than recorded and no file is left over")
    func everyStep() async throws {
        let kill = try await KillAtStep(in: station.scratch)
        try await station.fly("north", images: 2)
        #expect(try await run(["ingest", station.source]).status == 0)
        let sound = try contents()
        let log = try await run(["log", "--json"])
        let events = try JSON.lines(log.text)
        func payloads(_ type: String) -> [JSON] { events.filter { $0["type"].text == type }.map { $0["payload"] } }
        let tiles = payloads("TileWritten").map { $0["md5"].text }
        let manifest = payloads("DatasetCommitted")[0]["manifest"].text
        let cache = "\(dataset)/.dvc/cache"
        // One that the remote has, one that has to be cut again, one that only the remote lacks, and the manifest.
        try spoil(object(cache, tiles[0]))
        for root in [cache, remote] { try spoil(object(root, tiles[1])) }
        try FileManager.default.removeItem(atPath: object(remote, tiles[2]))
        try FileManager.default.removeItem(atPath: object(cache, manifest))
        let saved = station.scratch.file("saved")
        try await Tool("cp").check(["-a", world, saved])

        let repair = ["dataset", "verify", "--remote", "--repair", "--json"]
        var step = 0
        while true {
            step += 1
            try await Tool("rm").check(["-rf", world])
            try await Tool("cp").check(["-a", saved, world])
            let killed = try await run(repair, kill.variables(step, below: [remote, dataset, "\(world)/store/repair"]))
            // What has an object's name is that object, or still the spoilt one.
            let found = try contents()
            for (name, bytes) in found where sound[name] != bytes {
                let isSpoilt = String(decoding: bytes.prefix(6), as: UTF8.self) == "spoilt"
                #expect(isSpoilt || name.contains(".swathlog-"), "step \(step): \(name)")
            }
            guard killed.wasSignalled else {
                #expect(killed.status == 0, "\(killed.allText)")
                break
            }
            let resumed = try await run(repair)
            #expect(resumed.status == 0, "step \(step): \(resumed.allText)")
            #expect(try contents() == sound, "step \(step)")
            #expect(!FileManager.default.fileExists(atPath: "\(world)/store/repair/cache"), "step \(step)")
            #expect(try await run(["status", "--json"]).parsed()["damaged"].int == 0, "step \(step)")
        }
        // A name and bytes for each of the five that were put right, and their directories.
        #expect(step > 20)
        #expect(try contents() == sound)
        for arguments in [["status"], ["status", "--cloud"]] {
            let dvc = try await Tool(Checkout.peer("dvc"), in: dataset).check(arguments).text
            #expect(dvc.contains("up to date") || dvc.contains("in sync"), "\(dvc)")
        }
    }
}
