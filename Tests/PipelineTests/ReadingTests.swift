import Foundation
import TestSupport
import Testing

@Suite("Who only asks needs no right to write", .timeLimit(.minutes(15)))
struct ReadingTests {
    private static let questions = [["status"], ["lineage", "north/DJI_0001.JPG/0000_0000.png"], ["log"], ["dataset"]]

    @Test(
        "a store on a read-only mount answers every question",
        arguments: questions + [
            ["audit", "verify"], ["dataset", "verify", "--no-record"], ["dataset", "gc", "--plan"],
        ]
    )
    func readOnlyMount(command: [String]) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let script = """
            set -e; mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec "$@"
            """
        var tool = try Tool("unshare", install: "apt-get install util-linux")
        tool.environment["SWATHLOG_STORE"] = station.store
        let outcome = try await tool.run(["-m", "sh", "-c", script, station.store, Checkout.swathlog] + command)
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(outcome.errorText.isEmpty)
        #expect(outcome.text == (try await station.program().run(command).text))
    }

    @Test("another user asks the store of an agent that works, and of one that has ended", arguments: questions)
    func anotherUser(command: [String]) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        var tool = try Tool("setpriv", install: "apt-get install util-linux")
        tool.environment["SWATHLOG_STORE"] = station.store
        let asking = ["--reuid=65534", "--regid=65534", "--clear-groups", Checkout.swathlog] + command
        let rested = try await tool.run(asking)
        #expect(rested.status == 0, "\(rested.allText)")
        let agent = try station.program().start(["run", "--source", station.source])
        try await eventually("the agent works") {
            // It says so once it can be asked to stop.
            agent.errorsSoFar.contains("Watching") || !agent.isRunning
        }
        let working = try await tool.run(asking)
        #expect(working.status == 0, "\(working.allText)")
        agent.signal(SIGTERM)
        #expect(try await agent.outcome().status == 0)
    }

    @Test(
        "views that are missing, unreadable or another program's are built for the answer, and left as they are",
        arguments: ["missing", "unreadable", "another program's"]
    )
    func otherViews(kind: String) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let before = try await station.run("status", "--json").parsed()
        #expect(before["views_are_temporary"] == .bool(false))
        let file = "\(station.store)/projections.db"
        switch kind {
        case "missing":
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) }
        case "unreadable":
            try String(repeating: "no database ", count: 999).write(toFile: file, atomically: true, encoding: .utf8)
        default:
            let script = """
                import sqlite3, sys
                views = sqlite3.connect(sys.argv[1], isolation_level=None)
                views.execute("UPDATE cursors SET fingerprint = x'00', position = 3")
                views.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                """
            try await Tool(Checkout.peer("python")).check(["-c", script, file])
        }
        let bytes = FileManager.default.contents(atPath: file)
        let after = try await station.run("status", "--json").parsed()
        #expect(after["views_are_temporary"] == .bool(true))
        for name in ["objects", "tiles", "datasets", "views", "work"] {
            #expect(after[name] == before[name], "\(name)")
        }
        #expect(try await station.run("lineage", "north/DJI_0001.JPG").status == 0)
        #expect(FileManager.default.contents(atPath: file) == bytes)
        #expect(try await station.run("status").text.contains("built for this answer"))
    }
}
