import Foundation
import TestSupport
import Testing

@Suite("A folder that was unmounted or moved away has lost no files", .timeLimit(.minutes(10)))
struct LostFolderTests {
    /// Draws two images into a folder of the station.
    private func draw(_ station: Station, _ folder: String) async throws {
        try await station.draw("\(folder)/x/one.png")
        try await station.draw("\(folder)/x/two.png", "-negate")
    }

    private func removed(_ station: Station) async throws -> Int {
        try await station.events("ObjectRemoved").count
    }

    /// The file that says which directory the folder was.
    private func memory(_ station: Station) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: station.store)
        let name = try #require(names.first { $0.hasPrefix("folder-") })
        return "\(station.store)/\(name)"
    }

    @Test("an agent records no removal of what was on it, says so, and does once a person has")
    func unmounted() async throws {
        let station = try Station("unmounted")
        try FileManager.default.createDirectory(atPath: "\(station.source)/card", withIntermediateDirectories: true)
        let folder = "\(station.source)/card"
        let mount = try Tool("mount", install: "apt-get install mount")
        let umount = try Tool("umount", install: "apt-get install mount")
        try await mount.check(["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder])
        do {
            try await draw(station, "card")
            let options = [
                "run", "--source", folder, "--on-remove", "withdraw", "--sweep-interval", "1", "--commit-interval", "1",
            ]
            try await station.program().whileRunning(options) { agent in
                func wait(_ what: String, _ condition: () async throws -> Bool) async throws {
                    try await eventually(what) {
                        guard agent.isRunning else { throw ToolError("it ended: \(agent.errorsSoFar)") }
                        return try await condition()
                    }
                }
                func source() async throws -> JSON {
                    let status = try await station.run("status", "--json")
                    return status.status == 0 ? try status.parsed()["sources"][folder] : .null
                }
                try await wait("the version") {
                    let log = try await station.run("log", "--type", "DatasetCommitted")
                    return log.text.contains("DatasetCommitted")
                }
                try await umount.check([folder])
                try await wait("it says so") { try await source()["reason"].text == "root-replaced" }
                let message = try await source()["message"].text
                let memory = try memory(station)
                #expect(message.contains("without 2 of the 2 files") && message.contains(memory))
                // What comes into the directory below the mount is taken, and changes nothing of that.
                try await station.draw("card/y/three.png", "-flop")
                try await wait("what is new is taken") {
                    try await station.events("ObjectObserved").contains { $0["payload"]["key"].text == "y/three.png" }
                }
                let look = try await source()["last_look"].text
                try await wait("two more looks") { try await source()["last_look"].text > look }
                let next = try await source()["last_look"].text
                try await wait("another one") { try await source()["last_look"].text > next }
                #expect(try await source()["reason"].text == "root-replaced")
                #expect(try await removed(station) == 0)

                try FileManager.default.removeItem(atPath: memory)
                try await wait("the removals") { try await removed(station) == 2 }
                try await wait("it is watched") { try await source()["state"].text == "watching" }
                agent.signal(SIGTERM)
                #expect(try await agent.outcome().status == 0)
            }
        } catch {
            _ = try await umount.run(["--lazy", folder])
            throw error
        }
    }

    @Test("it holds over a restart, until the folder is back")
    func whileNobodyLooked() async throws {
        let station = try Station("restart", variables: ["SWATHLOG_ON_REMOVE": "withdraw"])
        try await draw(station, "card")
        try await station.ingest()
        let (source, aside) = (station.source, station.scratch.file("aside"))
        try FileManager.default.moveItem(atPath: source, toPath: aside)
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        for _ in 0..<2 {
            let outcome = try await station.run("ingest", source, "--json")
            #expect(outcome.status == 0 && outcome.errorText.contains("root-replaced"), "\(outcome.allText)")
            #expect(try outcome.parsed()["objects_removed"].int == 0)
        }
        try FileManager.default.removeItem(atPath: source)
        try FileManager.default.moveItem(atPath: aside, toPath: source)
        // Removed one by one from the folder that is remembered: that counts.
        try FileManager.default.removeItem(atPath: "\(source)/card/x/one.png")
        try FileManager.default.removeItem(atPath: "\(source)/card/x/two.png")
        #expect(try await station.ingest()["objects_removed"].int == 2)
    }

    @Test("another directory with most of the files is the folder", arguments: [1, 2])
    func copied(kept: Int) async throws {
        let station = try Station("copied")
        for name in ["one", "two", "three"] { try await station.draw("a/\(name).png") }
        try await station.ingest()
        let aside = station.scratch.file("aside")
        try FileManager.default.moveItem(atPath: station.source, toPath: aside)
        try await Tool("cp").check(["-a", aside, station.source])
        let gone = ["three", "two"].prefix(3 - kept)
        for name in gone { try FileManager.default.removeItem(atPath: "\(station.source)/a/\(name).png") }
        #expect(try await station.ingest()["objects_removed"].int == (kept == 2 ? 1 : 0))
    }
}
