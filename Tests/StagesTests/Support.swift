import EventLog
import Events
import Foundation
import HTTPTransfer
import Logging
import Projections
import ServiceLifecycle
import Stages
import Synchronization
import TestSupport

/// A clock that jumps: who sleeps on it wakes at once, and the time is what it waited for.
final class JumpingClock: TimeSource {
    private let time: Mutex<Timestamp>
    /// Longer ones are slept through as a sleeper by a real clock would.
    private let longest: Duration

    init(
        _ start: Timestamp = Timestamp(microseconds: 1_800_000_000_000_000),
        jumps longest: Duration = .seconds(1 << 32)
    ) {
        time = Mutex(start)
        self.longest = longest
    }

    func now() -> Timestamp { time.withLock { $0 } }

    func sleep(until deadline: Timestamp) async throws {
        guard deadline - now() <= longest else { return try await Task.sleep(for: .seconds(86_400)) }
        // What is on its way in real time gets a moment of it.
        try await Task.sleep(for: .milliseconds(2))
        time.withLock { $0 = max($0, deadline) }
    }
}

/// A receiver in Python that misbehaves as the path of a request says.
final class MisbehavingReceiver: Sendable {
    let port: Int
    let file: String
    private let tool: RunningTool
    /// Where the requests are kept: it goes with the receiver.
    private let scratch: Scratch

    private init(tool: RunningTool, port: Int, file: String, in scratch: Scratch) {
        self.scratch = scratch
        self.tool = tool
        self.port = port
        self.file = file
    }

    static func start(
        in scratch: Scratch,
        tls: (certificate: String, key: String)? = nil
    ) async throws
        -> MisbehavingReceiver
    {
        let file = scratch.file("requests-\(UUID().uuidString).jsonl")
        let script = "\(Checkout.root)/Tests/StagesTests/peers/receiver.py"
        let tool = try Tool(Checkout.peer("python")).start(
            [script, file] + (tls.map { [$0.certificate, $0.key] } ?? [])
        )
        try await eventually("the receiver listens") { tool.outputSoFar.contains("\n") || !tool.isRunning }
        guard let port = Int(tool.outputSoFar.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ToolError("the receiver did not start: \(tool.errorsSoFar)")
        }
        return MisbehavingReceiver(tool: tool, port: port, file: file, in: scratch)
    }

    func url(_ path: String, host: String = "127.0.0.1", scheme: String = "http") -> String {
        "\(scheme)://\(host):\(port)/\(path)"
    }

    func requests() throws -> [JSON] {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
        return try JSON.lines(text)
    }

    deinit { tool.signal(9) }
}

/// A log with its views, and the two stages that tell of it, as an agent has them.
final class TellingStore: Sendable {
    let scratch: Scratch
    let clock: JumpingClock
    let log: EventLog
    let projector: Projector
    let catalog: CatalogReader

    init(_ name: String, clock: JumpingClock = JumpingClock()) throws {
        scratch = try Scratch(name)
        self.clock = clock
        log = try EventLog.open(path: scratch.file("log.db"), actor: "test", time: clock)
        projector = try Projector(path: scratch.file("projections.db"), log: log, views: [Catalog(), Activity()])
        catalog = CatalogReader(projector.database)
    }

    /// A store on the files of another, as an agent that was started again has it.
    init(reopening other: TellingStore, clock: JumpingClock) throws {
        scratch = other.scratch
        self.clock = clock
        log = try EventLog.open(path: scratch.file("log.db"), actor: "test", time: clock)
        projector = try Projector(path: scratch.file("projections.db"), log: log, views: [Catalog(), Activity()])
        catalog = CatalogReader(projector.database)
    }

    func adopt(_ endpoints: [Endpoint]) async throws {
        try await log.append(endpoints.map { ProposedEvent($0.adopted, stream: .endpoint($0.name)) })
    }

    /// An object that is quarantined: one notification for each endpoint that wants it.
    static func quarantined(_ key: String) -> [ProposedEvent] {
        let object = ObjectObserved(
            source: "folder",
            bucket: "/srv/flights",
            key: key,
            version: "1",
            size: 10,
            modifiedAt: nil
        )
        let stream = StreamName.object(object.objectID)
        let quarantined = ObjectQuarantined(stage: "tiling", reason: "corrupt", message: "copy it again")
        return [ProposedEvent(object, stream: stream), ProposedEvent(quarantined, stream: stream)]
    }

    static let client = Result { try HTTPClient(settings: WebhookSender.settings(caBundle: nil)) }

    static let loopback = AddressPolicy(
        allowsInsecure: true,
        allowed: ["127.0.0.0/8", "::1/128"].compactMap(AddressBlock.init)
    )

    func sender(resolver: any AddressResolver = SystemResolver()) throws -> WebhookSender {
        WebhookSender(client: try Self.client.get(), policy: Self.loopback, resolver: resolver, time: clock)
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func notifying(_ endpoints: [Endpoint]) throws -> NotifyingStage {
        NotifyingStage(
            log: log,
            catalog: catalog,
            sender: try sender(),
            endpoints: endpoints,
            time: clock,
            logger: Self.logger
        )
    }

    /// Runs the two stages until `isDone`, then lets them stop in good order.
    func run(
        _ endpoints: [Endpoint],
        stage: NotifyingStage? = nil,
        until what: String,
        within limit: Duration = .seconds(240),
        _ isDone: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let announcing = AnnouncingStage(
            log: log,
            catalog: catalog,
            work: WorkList(projector.database),
            repository: "/srv/store/dataset",
            time: clock
        )
        try await run([announcing, try stage ?? notifying(endpoints)], until: what, within: limit, isDone)
    }

    /// Runs stages until `isDone`, then lets them stop in good order.
    func run(
        _ stages: [any Stage],
        until what: String,
        within limit: Duration = .seconds(240),
        _ isDone: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let logger = Self.logger
        try await projector.catchUp()
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.projector.follow() }
            for stage in stages {
                let runner = StageRunner(stage, log: log, projector: projector, time: clock, logger: logger)
                group.addTask { try await runner.run() }
            }
            try await eventually(what, within: limit, isDone)
            group.cancelAll()
            while true {
                do {
                    guard try await group.next() != nil else { break }
                } catch is CancellationError {}
            }
        }
        try await projector.catchUp()
    }

    /// Whether nothing waits to be told.
    func isQuiet() async throws -> Bool {
        guard try await catalog.position() >= log.headPosition else { return false }
        return try await WorkList(projector.database).counts().allSatisfy {
            !["announcing", "notifying"].contains($0.stage)
        }
    }

    func events(_ type: EventType) async throws -> [RecordedEvent] {
        var found: [RecordedEvent] = []
        var position = 0
        while true {
            let page = try await log.read(after: position)
            guard let last = page.last else { return found }
            found += page.filter { $0.type == type.rawValue }
            position = last.position
        }
    }
}
