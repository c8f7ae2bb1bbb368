import AgentServer
import EventLog
import Events
import Files
import Projections
import Stages
import Synchronization

/// Reads what `/metrics` tells of an agent and its store: nothing of it costs anything while nobody asks.
///
/// What is counted is counted in the log, so that a restart loses nothing, and never seems to fall while the agent runs:
/// views that are built anew would look like a counter that began anew.
final class AgentSamples: Sendable {
    private let agent: Agent
    private let readiness: ReadinessMonitor
    private let work: WorkList
    private let highest = Mutex<[String: Int]>([:])

    init(_ agent: Agent, _ readiness: ReadinessMonitor) {
        self.agent = agent
        self.readiness = readiness
        work = WorkList(agent.projector.database)
    }

    func read() async throws -> [MetricSample] {
        var samples = try await counters() + queues() + record() + pauses()
        samples += stages() + files() + ProcessFigures.samples()
        samples.append(MetricSample("swathlog_ready", await readiness.readiness().isReady ? 1 : 0))
        samples.append(
            MetricSample(
                "swathlog_build_info",
                [("version", Agent.version), ("engine_revision", String(agent.settings.recipe.engineRevision))],
                1
            )
        )
        return samples
    }

    private func counters() async throws -> [MetricSample] {
        let counts = try await agent.catalog.eventCounts()
        func count(_ types: EventType...) -> Int { types.reduce(0) { $0 + (counts[$1.rawValue] ?? 0) } }
        let received = count(.objectObserved, .objectRemoved)
        let open = try await agent.catalog.openObjects()
        let figures = [
            ("events_received_total", received), ("events_processed_total", max(0, received - open)),
            ("events_failed_total", count(.objectQuarantined)), ("images_downloaded_total", count(.objectFetched)),
            ("images_validated_total", count(.objectValidated)), ("tiles_generated_total", count(.tileWritten)),
            ("dvc_add_success_total", count(.datasetCommitted)), ("dvc_push_success_total", count(.datasetPushed)),
            ("notifications_sent_total", count(.notificationDelivered)),
            ("notifications_failed_total", max(0, count(.notificationAttempted) - count(.notificationDelivered))),
        ]
        return highest.withLock { highest in
            figures.map { name, value in
                highest[name] = max(highest[name] ?? 0, value)
                return MetricSample(name, highest[name] ?? value)
            }
        }
    }

    private func queues() async throws -> [MetricSample] {
        var samples: [MetricSample] = []
        for queue in try await StageQueue.read(
            agent.stages.map(\.name),
            work: work,
            log: agent.log,
            now: SystemTime().now()
        ) {
            let labels = [("stage", queue.stage)]
            samples.append(MetricSample("swathlog_queue_depth", labels, queue.waiting))
            samples.append(MetricSample("swathlog_queue_failing", labels, queue.failing))
            let age = (queue.oldestAge ?? .zero) / .seconds(1)
            samples.append(MetricSample("swathlog_queue_oldest_age_seconds", labels, age))
        }
        // Those of an endpoint that is set no more wait for as long as it stays so.
        let disabled = Set(try await agent.catalog.endpoints().filter { $0.state != "enabled" }.map(\.name))
        let waiting = try await agent.catalog.waitingNotifications()
            .reduce(0) { disabled.contains($1.endpoint) ? $0 : $0 + $1.count }
        samples.append(MetricSample("swathlog_endpoint_queue_depth", waiting))
        for (reason, count) in try await agent.catalog.quarantineCounts() {
            samples.append(MetricSample("swathlog_quarantine_objects", [("reason", reason)], count))
        }
        return samples
    }

    private func record() async throws -> [MetricSample] {
        let head = try await agent.log.currentHead()
        var samples = [MetricSample("swathlog_log_events", head)]
        samples.append(
            MetricSample("swathlog_log_signed_events", try await agent.log.newestCheckpoint()?.head.size ?? 0)
        )
        for view in try await agent.projector.currentStatus() {
            let labels = [("view", view.name)]
            samples.append(MetricSample("swathlog_projector_cursor", labels, view.position))
            samples.append(MetricSample("swathlog_projector_lag_events", labels, max(0, head - view.position)))
            samples.append(MetricSample("swathlog_projector_stopped", labels, view.failedPosition == nil ? 0 : 1))
        }
        let audited = try await agent.catalog.lastPosition(of: .auditCompleted)
        if audited > 0, let event = try await agent.log.event(at: audited) {
            let audit = try event.decode(AuditCompleted.self)
            samples.append(MetricSample("swathlog_audit_damages", audit.damages))
            let seconds = Double(event.recordedAt.microseconds) / 1e6
            samples.append(MetricSample("swathlog_audit_timestamp_seconds", seconds))
        }
        return samples
    }

    private func stages() -> [MetricSample] {
        var samples: [MetricSample] = []
        for stage in agent.stages {
            let (vitals, labels) = (stage.vitals, [("stage", stage.name)])
            samples.append(MetricSample("swathlog_stage_in_flight", labels, vitals.inFlight))
        }
        var sources = ["watching": 0, "waiting": 0, "failing": 0]
        for (_, source) in agent.board.all { sources[source.state.name, default: 0] += 1 }
        return samples + sources.map { MetricSample("swathlog_sources", [("state", $0.key)], $0.value) }
    }

    /// How many pauses a stage has: its own, and those of its sources or endpoints.
    ///
    /// One series a stage: what follows its name in a pause is a source or an endpoint, of which there may be many.
    private func pauses() async throws -> [MetricSample] {
        var counts = Dictionary(agent.stages.map { ($0.name, $0.vitals.pause == nil ? 0 : 1) }) { first, _ in first }
        for pause in try await agent.catalog.pauses() where counts[pause.stage] == nil {
            counts[String(pause.stage.prefix { $0 != " " }), default: 0] += 1
        }
        return counts.map { MetricSample("swathlog_paused", [("stage", $0.key)], $0.value) }
    }

    private func files() -> [MetricSample] {
        func size(_ path: String) -> Int {
            ["", "-wal"].reduce(0) { $0 + ((try? fileInfo(path + $1))??.size ?? 0) }
        }
        var samples = [
            MetricSample("swathlog_log_size_bytes", size(agent.paths.log)),
            MetricSample("swathlog_views_size_bytes", size(agent.paths.projections)),
        ]
        if let free = try? freeBytes(at: agent.paths.root) {
            samples.append(MetricSample("swathlog_disk_free_bytes", free))
        }
        return samples
    }
}

extension SourceState.Condition {
    /// Its name, without what is told of it.
    var name: String {
        switch self {
        case .watching: "watching"
        case .waiting: "waiting"
        case .failing: "failing"
        }
    }
}

extension Agent {
    /// What the agent says of itself to those that watch over it.
    ///
    /// - Parameter registry: what the process's code counts in.
    func vitals(_ registry: MetricsRegistry) -> Vitals {
        let monitor = ReadinessMonitor(
            stages: stages,
            projector: projector,
            log: log,
            store: paths.root,
            requests: { [paths] in try RequestDesk.untaken(in: paths) },
            limit: { live.current.stallLimit },
            time: SystemTime()
        )
        let samples = AgentSamples(self, monitor)
        return Vitals(readiness: monitor.readiness, registry: registry, samples: samples.read)
    }
}
