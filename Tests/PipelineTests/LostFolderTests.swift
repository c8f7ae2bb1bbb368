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

    /// Mounts directories of the station's own file system, and unmounts what is left of them.
    private func withMounts(
        _ station: Station,
        _ body: (
            _ mount: (_ disk: String, _ place: String) async throws -> Void,
            _ umount: (_ place: String) async throws -> Void
        ) async throws -> Void
    ) async throws {
        let mount = try Tool("mount", install: "apt-get install mount")
        let umount = try Tool("umount", install: "apt-get install mount")
        // Two file systems that outlast their mounts below the source.
        let disks = try ["disk", "other"].map { try station.scratch.directory($0) }
        var places = disks
        func mountAt(_ disk: String, _ place: String) async throws {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try await mount.check(["--bind", station.scratch.file(disk), place])
            places.append(place)
        }
        do {
            for disk in disks { try await mount.check(["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]) }
            try await body(mountAt, { try await umount.check([$0]) })
        } catch {
            for place in places.reversed() { _ = try await umount.run(["--lazy", place]) }
            throw error
        }
        for place in places.reversed() { _ = try await umount.run(["--lazy", place]) }
    }

    /// What becomes of the place of a file system that is not mounted any more.
    enum Away: CaseIterable {
        case emptied, removed, withParent, filled, other
    }

    @Test("what was mounted below the folder is not removed with the mount", arguments: Away.allCases)
    func mountedBelow(away: Away) async throws {
        let station = try Station("below", variables: ["SWATHLOG_ON_REMOVE": "withdraw"])
        try await withMounts(station) { mount, umount in
            let place = "\(station.source)/cards/sd1"
            try await mount("disk", place)
            try await draw(station, "cards/sd1")
            try await draw(station, "plain")
            try await station.ingest()
            try await umount(place)
            switch away {
            case .emptied: break
            case .removed: try FileManager.default.removeItem(atPath: place)
            case .withParent: try FileManager.default.removeItem(atPath: "\(station.source)/cards")
            case .filled: try await station.draw("cards/sd1/new.png")
            case .other: try await mount("other", place)
            }
            try FileManager.default.removeItem(atPath: "\(station.source)/plain/x/one.png")
            // Of what was never mounted it is recorded all the same, and each process finds it so.
            for plain in [1, 0] {
                let outcome = try await station.run("ingest", station.source, "--json")
                #expect(outcome.status == 0 && outcome.errorText.contains("mount-replaced"), "\(outcome.allText)")
                #expect(outcome.errorText.contains("\(place) is not") && outcome.errorText.contains("2 of the 2 files"))
                #expect(try outcome.parsed()["objects_removed"].int == plain)
            }
            if away == .other { try await umount(place) }
            // Back, a file that was removed from it meanwhile counts.
            try FileManager.default.removeItem(atPath: station.scratch.file("disk/x/one.png"))
            try await mount("disk", place)
            let outcome = try await station.run("ingest", station.source, "--json")
            #expect(outcome.status == 0 && !outcome.errorText.contains("mount-replaced"), "\(outcome.allText)")
            #expect(try outcome.parsed()["objects_removed"].int == (away == .filled ? 2 : 1))
        }
    }

    @Test("a card in another file system is the card, and one that was copied into the folder is part of it")
    func mountedAnew() async throws {
        let station = try Station("anew", variables: ["SWATHLOG_ON_REMOVE": "withdraw"])
        try await withMounts(station) { mount, umount in
            let place = "\(station.source)/sd1"
            try await mount("disk", place)
            try await draw(station, "sd1")
            try await station.ingest()
            let copy = try Tool("cp")
            try await copy.check(["-a", "\(place)/x", station.scratch.file("other")])
            try await umount(place)
            try await mount("other", place)
            #expect(try await station.ingest()["objects_removed"].int == 0)
            // It is the one that is remembered now.
            try FileManager.default.removeItem(atPath: "\(place)/x/one.png")
            try FileManager.default.removeItem(atPath: "\(place)/x/two.png")
            #expect(try await station.ingest()["objects_removed"].int == 2)

            try await draw(station, "sd1")
            try await station.ingest()
            try await umount(place)
            try await copy.check(["-a", station.scratch.file("other/x"), place])
            #expect(try await station.ingest()["objects_removed"].int == 0)
            try FileManager.default.removeItem(atPath: place)
            #expect(try await station.ingest()["objects_removed"].int == 2)
        }
    }

    @Test("a link to another file system whose target goes is no removal")
    func linked() async throws {
        let station = try Station("linked", variables: ["SWATHLOG_ON_REMOVE": "withdraw"])
        try await withMounts(station) { mount, umount in
            let media = station.scratch.file("media")
            try await mount("disk", media)
            try FileManager.default.createSymbolicLink(atPath: "\(station.source)/sd1", withDestinationPath: media)
            try await draw(station, "sd1")
            try await station.ingest()
            try await umount(media)
            try FileManager.default.removeItem(atPath: media)
            let outcome = try await station.run("ingest", station.source, "--json")
            #expect(outcome.errorText.contains("mount-replaced"), "\(outcome.allText)")
            #expect(try outcome.parsed()["objects_removed"].int == 0)
        }
    }

    @Test("an agent says of each file system below the folder that it is away, and a person of each that it is gone")
    func agentBelow() async throws {
        let station = try Station("agent-below")
        try await withMounts(station) { mount, umount in
            let places = ["sd1", "sd2"].map { "\(station.source)/\($0)" }
            try await mount("disk", places[0])
            try await mount("other", places[1])
            for card in ["sd1", "sd2", "plain"] { try await draw(station, card) }
            let options = [
                "run", "--source", station.source, "--on-remove", "withdraw", "--sweep-interval", "1",
                "--commit-interval", "1",
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
                    return status.status == 0 ? try status.parsed()["sources"][station.source] : .null
                }
                try await wait("the version") {
                    let log = try await station.run("log", "--type", "DatasetCommitted")
                    return log.text.contains("DatasetCommitted")
                }
                for place in places { try await umount(place) }
                try await wait("it says so of both") {
                    let source = try await source()
                    let message = source["message"].text
                    return source["reason"].text == "mount-replaced"
                        && places.allSatisfy { message.contains("\($0) is not") }
                }
                // A file that is hinted counts, as everywhere else.
                try FileManager.default.removeItem(atPath: "\(station.source)/plain/x/one.png")
                try await wait("its removal") { try await removed(station) == 1 }

                let message = try await source()["message"].text
                let named = try #require(message.firstMatch(of: #/sd1 is not .*? remove (\S+\.json)/#)).1
                try FileManager.default.removeItem(atPath: String(named))
                try await wait("the removals of the one") { try await removed(station) == 3 }
                try await wait("the other alone is away") {
                    let message = try await source()["message"].text
                    return message.contains("\(places[1]) is not") && !message.contains(places[0])
                }
                try await mount("other", places[1])
                try await wait("it is watched") { try await source()["state"].text == "watching" }
                #expect(try await removed(station) == 3)
                agent.signal(SIGTERM)
                #expect(try await agent.outcome().status == 0)
            }
        }
    }
}
