import Foundation
import TestSupport
import Testing

@Suite("What is printed is whole, or the command fails", .timeLimit(.minutes(10)))
struct OutputTests {
    /// Runs the program with its standard output where `redirection` leads it.
    private func run(_ station: Station, _ command: [String], _ redirection: String) async throws -> Outcome {
        var shell = try Tool("sh")
        shell.environment = try station.program().environment
        return try await shell.run(["-c", "\"$0\" \"$@\" \(redirection)", Checkout.swathlog] + command)
    }

    @Test(
        "on a full disk it fails and says so",
        arguments: [
            ["status"], ["status", "--json"], ["config"], ["config", "--reference"], ["log", "--json"],
            ["recipe", "show"], ["audit", "key"], ["audit", "checkpoint"], ["audit", "prove", "12"],
            ["lineage", "north/DJI_0001.JPG", "--tiles"], ["export", "graphviz", "north/DJI_0001.JPG"],
            ["export", "events"], ["export", "openlineage"],
        ]
    )
    func fullDisk(command: [String]) async throws {
        let outcome = try await run(SharedStation.get(), command, "> /dev/full")
        #expect(outcome.status == 70, "\(outcome.allText)")
        #expect(outcome.errorText == "swathlog: standard output can't be written to: No space left on device\n")
    }

    @Test(
        "a reader that is slow gets all of it, also by a pipe that does not wait",
        arguments: [["log"], ["export", "events"]]
    )
    func slowReader(command: [String]) async throws {
        let station = try await SharedStation.get()
        var peer = try Tool(Checkout.peer("python"))
        peer.environment = try station.program().environment
        let slow = try await peer.run([pythonScript("streams_out"), "slow", Checkout.swathlog] + command + ["--json"])
        #expect(slow.status == 0, "\(slow.errorText)")
        let whole = try await station.program().check(command + ["--json"])
        #expect(whole.output.count > 3 * 4_096, "it fits into the pipe")
        #expect(slow.output == whole.output)
    }

    @Test("a reader that went away is no failure", arguments: [["log"], ["status"], ["export", "events"]])
    func goneReader(command: [String]) async throws {
        let station = try await SharedStation.get()
        var peer = try Tool(Checkout.peer("python"))
        peer.environment = try station.program().environment
        let outcome = try await peer.run([pythonScript("streams_out"), "gone", Checkout.swathlog] + command)
        #expect(outcome.status == 0 && outcome.allText.isEmpty, "\(outcome.allText)")
    }
}
