import Foundation
import Projections
import Stages
import TestSupport
import Testing

@Suite("Programs and files take notifications as URLs do", .timeLimit(.minutes(4)))
struct SinkTests {
    private let scratch: Scratch
    private let sender: EndpointSender
    private static let fileLimit = 1_000

    init() throws {
        scratch = try Scratch("sinks")
        let webhooks = WebhookSender(
            client: try TellingStore.client.get(),
            policy: TellingStore.loopback,
            time: JumpingClock()
        )
        sender = EndpointSender(webhooks: webhooks, fileLimit: Self.fileLimit)
    }

    private func send(
        _ notification: CatalogNotification,
        to target: Endpoint.Target,
        timeout: Duration = .seconds(60)
    )
        async throws -> SendOutcome
    {
        try await sender.send(notification, to: Endpoint(name: "sink", target: target, timeout: timeout))
    }

    private func script(_ text: String) throws -> [String] {
        let path = scratch.file("script-\(UUID().uuidString).sh")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return ["/bin/sh", path]
    }

    @Test("a file that is full is kept beside nine older ones; no line is torn, and none is lost but with the oldest")
    func rotation() async throws {
        let path = scratch.file("told.jsonl")
        let count = 60
        for number in 1...count {
            #expect(try await send(.sample(number), to: .file(path)).isSuccess)
        }
        let kept = (1...12).map { "\(path).\($0)" }.filter { FileManager.default.fileExists(atPath: $0) }
        #expect(kept.count == 9 && kept.last == "\(path).9")
        var told: [Int] = []
        for file in kept.reversed() + [path] {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.utf8.count <= Self.fileLimit && text.hasSuffix("\n"))
            told += try JSON.lines(text).compactMap { $0["data"]["position"].int }
        }
        let first = try #require(told.first)
        #expect(first > 1 && told == Array(first...count))
    }

    @Test("after a line that a killed agent left half written, the next begins on its own")
    func tornLine() async throws {
        let path = scratch.file("torn.jsonl")
        try #"{"data":{"posi"#.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try await send(.sample(7), to: .file(path)).isSuccess)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(try JSON(String(lines.last ?? ""))["data"]["position"].int == 7)
    }

    @Test("a file that can't be written is a failed attempt that says why")
    func unwritable() async throws {
        let outcome = try await send(.sample(1), to: .file(scratch.file("no/such/directory/told.jsonl")))
        #expect(!outcome.isSuccess && outcome.error?.contains("no/such/directory") == true)
    }

    @Test("a program that fails is a failed attempt: its status, and what it said, without secrets")
    func failing() async throws {
        let command = try script("cat > /dev/null; echo 'no room; token=abcdef123456' >&2; exit 3")
        let outcome = try await send(.sample(1), to: .exec(command))
        #expect(!outcome.isSuccess && outcome.status == nil)
        #expect(outcome.error?.contains("3") == true, "\(outcome.error ?? "")")
        #expect(outcome.answer?.contains("no room") == true && outcome.answer?.contains("abcdef123456") == false)
        let missing = try await send(.sample(1), to: .exec(["/no/such/program"]))
        #expect(!missing.isSuccess && missing.error?.contains("can't be run") == true, "\(missing.error ?? "")")
    }

    @Test(
        "a program that takes too long is ended, also one that will not hear of it",
        arguments: ["", "trap '' TERM; "]
    )
    func timeout(trap: String) async throws {
        let pid = scratch.file("pid-\(trap.count)")
        let command = try script("\(trap)echo $$ > \(pid); while :; do sleep 0.05; done")
        let outcome = try await send(.sample(1), to: .exec(command), timeout: .milliseconds(700))
        #expect(!outcome.isSuccess && outcome.error?.contains("did not end") == true, "\(outcome.error ?? "")")
        let number = try String(contentsOfFile: pid, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        try await eventually("the program is gone") { !FileManager.default.fileExists(atPath: "/proc/\(number)") }
    }

    @Test("a program that reads nothing of a long event has taken it all the same when it ends with 0")
    func deaf() async throws {
        let long = CatalogNotification.sample(1, note: String(repeating: "x", count: 300_000))
        #expect(try await send(long, to: .exec(["/bin/true"])).isSuccess)
    }
}
