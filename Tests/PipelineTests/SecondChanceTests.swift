import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("What failed gets its chance once its cause is gone", .timeLimit(.minutes(15)))
struct SecondChanceTests {
    @Test("a folder that goes away and comes back loses nothing")
    func awayAndBack() async throws {
        let station = try Station("away")
        try await station.fly("north", images: 3)
        for number in 0..<600 {
            try station.copy("north/DJI_000\(number % 3 + 1).JPG", to: "many/\(number).jpg")
        }
        let (folder, away) = (station.source, station.scratch.file("elsewhere"))
        try await station.program().whileRunning(["run", "--source", folder]) { agent in
            try await eventually("the files are known") {
                // There is no log yet when the agent has just started.
                ((try? await station.events("ObjectObserved")) ?? []).count >= 603
            }
            agent.signal(SIGSTOP)
            try FileManager.default.moveItem(atPath: folder, toPath: away)
            let fetched = try await station.events("ObjectFetched").count
            try #require(fetched < 603, "all were fetched before the folder went away")
            agent.signal(SIGCONT)
            try await eventually("the stage waits for the folder") {
                try await station.events("StageFailed").contains { $0["payload"]["reason"].text == "source-away" }
            }
            try FileManager.default.moveItem(atPath: away, toPath: folder)
            try await eventually("both flights are committed") { try await station.manifests().count == 2 }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        #expect(try await station.run("ingest", folder).status == 0)
        let objects = try await station.run("status", "--json").parsed()["objects"]
        #expect(objects["derived"].int == 603)
        #expect(try await station.events("ObjectQuarantined").isEmpty)
    }

    @Test("a file that was away when it was fetched is taken when it is there again")
    func fileIsBack() async throws {
        let station = try Station("back")
        try await station.fly("north", images: 1)
        for number in 0..<300 { try station.copy("north/DJI_0001.JPG", to: "many/\(number).jpg") }
        let (folder, away) = ("\(station.source)/many", station.scratch.file("elsewhere"))
        try await station.program().whileRunning(["ingest", station.source]) { agent in
            try await eventually("the files are known") {
                // There is no log yet when the agent has just started.
                ((try? await station.events("ObjectObserved")) ?? []).count >= 301
            }
            agent.signal(SIGSTOP)
            try FileManager.default.moveItem(atPath: folder, toPath: away)
            agent.signal(SIGCONT)
            #expect(try await agent.outcome().status == 3)
        }
        let gone = try await station.events("ObjectQuarantined").map { $0["payload"]["reason"].text }
        #expect(!gone.isEmpty && gone.allSatisfy { $0 == "object-gone" })
        try FileManager.default.moveItem(atPath: away, toPath: folder)
        let outcome = try await station.run("ingest", station.source)
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(try await station.run("status", "--json").parsed()["objects"]["derived"].int == 301)
    }

    @Test("what one recipe can't write, the next one may")
    func nextRecipe() async throws {
        let station = try Station("depth")
        try await station.draw("a/deep.png", size: "300x200", "-depth", "16", "-define", "png:bit-depth=16")
        #expect(try await station.run("ingest", station.source, "--tile-format", "jpeg").status == 3)
        let outcome = try await station.run("ingest", station.source, "--tile-format", "png")
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(try station.tiles(of: "a/deep.png").count == 1)
    }

    @Test("a raised max_pixels takes in what it kept out")
    func raisedLimit() async throws {
        let station = try Station("raised")
        try await station.draw("a/large.png", size: "400x300")
        #expect(try await station.run("ingest", station.source, "--max-pixels", "100000").status == 3)
        let outcome = try await station.run("ingest", station.source)
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(try station.tiles(of: "a/large.png").count == 1)
    }

    @Test("tiles of a removed file that are kept are cut anew under the next recipe, like all others")
    func keptTiles() async throws {
        let station = try Station("kept")
        try await station.draw("a/one.png", size: "300x200")
        try await station.draw("a/two.png", size: "300x200")
        try await station.ingest()
        try FileManager.default.removeItem(atPath: "\(station.source)/a/two.png")
        try await station.ingest("--tile-size", "128", "--tile-overlap", "0")
        for image in ["a/one.png", "a/two.png"] {
            let sizes = try station.tiles(of: image).map { $0["window"]["width"].int }
            #expect(sizes.count == 6 && sizes.allSatisfy { $0 == 128 }, "\(image): \(sizes)")
        }
    }

    @Test("one partition that can't be committed holds up no other, and the run ends with its reason")
    func brokenPartition() async throws {
        let station = try Station("conflict")
        try await station.draw("a/one.png")
        try await station.ingest()
        try await station.draw("b/one.png")
        try await station.draw("c/one.png")
        let foreign = "\(station.dataset)/b"
        try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(filePath: "\(foreign)/notes.txt"))
        let outcome = try await station.run("ingest", station.source)
        #expect(outcome.status == 70, "\(outcome.allText)")
        #expect(outcome.allText.contains("dataset-conflict"), "\(outcome.allText)")
        #expect(try await station.manifests().keys.sorted() == ["a", "c"])
        try FileManager.default.removeItem(atPath: foreign)
        try await station.ingest()
        #expect(try await station.manifests().keys.sorted() == ["a", "b", "c"])
    }

    @Test("hard-linked originals are those of the links' targets")
    func hardlinks() async throws {
        let station = try Station("links")
        try await station.draw("a/one.png")
        let elsewhere = try station.scratch.directory("pool")
        try FileManager.default.moveItem(atPath: "\(station.source)/a/one.png", toPath: "\(elsewhere)/one.png")
        try FileManager.default.createSymbolicLink(
            atPath: "\(station.source)/a/one.png",
            withDestinationPath: "\(elsewhere)/one.png"
        )
        try await station.ingest("--originals", "hardlink")
        #expect(try station.tiles(of: "a/one.png").count == 1)
        #expect(try await station.events("ObjectFetched").first?["payload"]["kept"].text == "hardlink")
    }

    @Test("a DVC remote inside the source is not taken for images")
    func remoteInSource() async throws {
        let station = try Station("inside")
        try await station.draw("a/one.png")
        let remote = "\(station.source)/remote"
        try await station.ingest("--dvc-remote", remote)
        let again = try await station.run("ingest", station.source, "--dvc-remote", remote)
        #expect(again.status == 0 && again.text.contains("Nothing new"), "\(again.allText)")
    }

    @Test(
        "a long video is refused by its first bytes, and a longer one than a file may be before it is fetched",
        arguments: [("1900M", "unsupported-format", 2), ("3G", "file-too-large", 1)]
    )
    func video(size: String, reason: String, fetched: Int) async throws {
        let station = try Station("video")
        try await station.draw("a/one.png")
        let path = "\(station.source)/a/DJI_0001.MP4"
        let header: [UInt8] = [0, 0, 0, 0x18] + Array("ftypisom".utf8) + [0, 0, 2, 0] + Array("isommp41".utf8)
        try Data(header).write(to: URL(filePath: path))
        // Sparse: gigabytes that take no room.
        try await Tool("truncate").check(["-s", size, path])
        try station.age(path)
        let arguments = [
            pythonScript("measure"), Checkout.swathlog, "ingest", station.source, "--originals", "hardlink", "--store",
            station.store,
        ]
        let words = try await Tool(Checkout.peer("python")).check(arguments).text.split(separator: " ")
        let kilobytes = try #require(words.first.flatMap { Int($0) })
        #expect(kilobytes < 400_000, "the video alone has \(size)")
        let reasons = try await station.events("ObjectQuarantined").map { $0["payload"]["reason"].text }
        #expect(reasons == [reason])
        #expect(try await station.events("ObjectFetched").count == fetched)
        #expect(try station.tiles(of: "a/one.png").count == 1)
    }
}
