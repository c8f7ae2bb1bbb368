import Foundation
import TestSupport
import Testing

@Suite("What a store lost comes again from its bucket", .timeLimit(.minutes(10)))
struct LostStoreTests {
    @Test("a lost tile, and then a lost dataset, come again as they were, as long as the bucket has the objects")
    func dataset() async throws {
        try await BucketServer.run(.rclone) { server in
            let station = try await BucketStation(server)
            let files = try await station.draw(many: 4, size: "200x150")
            try await station.put(files.prefix(3).enumerated().map { ("north/\($0.offset).png", $0.element) })
            try await station.ingest()
            let before = station.tiles()
            let saved = station.scratch.file("saved")
            try await Tool("cp").check(["-a", "\(station.dataset)/north", saved])

            let tile = try await station.events("TileWritten")[0]["payload"]["md5"].text
            let cached = "\(station.dataset)/.dvc/cache/files/md5/\(tile.prefix(2))/\(tile.dropFirst(2))"
            let object = server.scratch.file("\(BucketStation.bucket)/north")
            for directory in [cached, "\(station.dataset)/north", "\(station.store)/originals"] {
                try FileManager.default.removeItem(atPath: directory)
            }
            let away = server.scratch.file("away")
            try FileManager.default.moveItem(atPath: object, toPath: away)
            let gone = try await station.run("dataset", "verify", "--repair", "--json")
            #expect(gone.status == 1)
            let problem = try gone.parsed()["damage"][0]["problem"].text
            #expect(problem.contains("its original is not kept"), "\(problem)")
            try FileManager.default.moveItem(atPath: away, toPath: object)
            let repaired = try await station.run("dataset", "verify", "--repair", "--json")
            #expect(repaired.status == 0, "\(repaired.allText)")
            #expect(try repaired.parsed()["damage"].list.map(\.["repaired_from"].text) == ["derivation"])

            try FileManager.default.removeItem(atPath: station.dataset)
            try await station.put("north/3.png", files[3])
            try await station.ingest("--dataset-repo", station.dataset)
            #expect(Set(station.tiles()).isSuperset(of: before) && station.tiles().count > before.count)
            for name in 0..<3 {
                try await Tool("diff").check(["-r", "\(saved)/\(name).png", "\(station.dataset)/north/\(name).png"])
            }
            let dvc = try Tool(Checkout.peer("dvc"), in: station.dataset)
            #expect(try await dvc.check(["status"]).text.contains("up to date"))
            #expect(try await station.events("ObjectQuarantined").isEmpty)
            #expect(try await station.run("lineage", "--gaps").status == 0)
        }
    }
}
