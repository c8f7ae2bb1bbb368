/// What a metric is: all that `/metrics` has are described here, and so is the reference in Metrics.md.
package struct MetricDescription: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Only grows, until the process or the views begin anew.
        case counter
        case gauge
        /// How often a value was at most so large.
        case histogram(buckets: [Double])
    }

    package let name: String
    package let kind: Kind
    package let help: String
    /// The names of its labels.
    package let labels: [String]

    init(_ name: String, _ kind: Kind, _ help: String, labels: String...) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }

    package static let all: [MetricDescription] = flow + intake + stages + record + store + process

    /// Names that dashboards of such pipelines expect; all but the histograms are counted in the log, over all agents.
    private static let flow = [
        MetricDescription("events_received_total", .counter, "Objects and removals that sources told of."),
        MetricDescription(
            "events_processed_total",
            .counter,
            "Those of them that are done with: in tiles, replaced or removed."
        ),
        MetricDescription("events_failed_total", .counter, "Objects and notices that were quarantined."),
        MetricDescription("images_downloaded_total", .counter, "Objects that were brought into the store."),
        MetricDescription("images_validated_total", .counter, "Objects that were found to be sound images."),
        MetricDescription("tiles_generated_total", .counter, "Tiles that were written."),
        MetricDescription("dvc_add_success_total", .counter, "Dataset versions that were committed."),
        MetricDescription("dvc_push_success_total", .counter, "Dataset versions that were pushed."),
        MetricDescription("notifications_sent_total", .counter, "Notifications that were delivered."),
        MetricDescription("notifications_failed_total", .counter, "Attempts to deliver a notification that failed."),
        MetricDescription(
            "download_time_seconds",
            .histogram(buckets: seconds),
            "Time to bring an object into the store."
        ),
        MetricDescription(
            "processing_time_seconds",
            .histogram(buckets: seconds),
            "Time to make all tiles of an image and to record them."
        ),
    ]

    private static let intake = [
        told("swathlog_observations_recorded_total", "Objects that were new."),
        told("swathlog_observations_repeated_total", "Objects that were known already."),
        told("swathlog_observations_late_total", "Versions that were told of after a newer one."),
        told("swathlog_observations_outdated_total", "Removals of what had been replaced since."),
        told("swathlog_observations_left_out_total", "Keys that no pattern of include takes."),
        told("swathlog_removals_recorded_total", "Keys that are gone."),
        told("swathlog_notices_malformed_total", "Notices that can't be read."),
        MetricDescription(
            "swathlog_sources",
            .gauge,
            "Sources that are watched, wait for room, or fail.",
            labels: "state"
        ),
    ]

    private static func told(_ name: String, _ help: String) -> MetricDescription {
        MetricDescription(name, .counter, help, labels: "announced_by")
    }

    private static let stages = [
        MetricDescription("swathlog_queue_depth", .gauge, "Items on a stage's work list.", labels: "stage"),
        MetricDescription("swathlog_queue_failing", .gauge, "Those of them that have failed before.", labels: "stage"),
        MetricDescription(
            "swathlog_queue_oldest_age_seconds",
            .gauge,
            "Since when the oldest of them waits; 0 when none does.",
            labels: "stage"
        ),
        MetricDescription("swathlog_stage_in_flight", .gauge, "Items that a stage is at.", labels: "stage"),
        MetricDescription("swathlog_stage_items_total", .counter, "Items that a stage has done.", labels: "stage"),
        MetricDescription(
            "swathlog_stage_failures_total",
            .counter,
            "Failures of a stage, by what follows: retry, quarantine, source (left alone), pause.",
            labels: "stage",
            "follows"
        ),
        MetricDescription(
            "swathlog_stage_item_seconds",
            .histogram(buckets: seconds),
            "Time that a stage took for an item.",
            labels: "stage"
        ),
        MetricDescription(
            "swathlog_paused",
            .gauge,
            "How many pauses a stage has: its own, and those of its sources or endpoints.",
            labels: "stage"
        ),
        MetricDescription(
            "swathlog_quarantine_objects",
            .gauge,
            "Objects and notices in quarantine, dismissed ones left out.",
            labels: "reason"
        ),
        MetricDescription("swathlog_endpoint_queue_depth", .gauge, "Notifications that wait for enabled endpoints."),
        MetricDescription("swathlog_ready", .gauge, "Whether /readyz says that the agent makes progress."),
    ]

    private static let record = [
        MetricDescription("swathlog_log_events", .gauge, "Events in the log."),
        MetricDescription("swathlog_log_size_bytes", .gauge, "Size of the log's files."),
        MetricDescription("swathlog_log_signed_events", .gauge, "Events that the newest signed checkpoint covers."),
        MetricDescription(
            "swathlog_append_seconds",
            .histogram(buckets: [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]),
            "Time until a group of appended events was on disk."
        ),
        MetricDescription("swathlog_projector_cursor", .gauge, "Position that a view has read to.", labels: "view"),
        MetricDescription(
            "swathlog_projector_lag_events",
            .gauge,
            "Events of the log on disk that a view has not read.",
            labels: "view"
        ),
        MetricDescription(
            "swathlog_projector_stopped",
            .gauge,
            "Whether a view met an event that it can't fold.",
            labels: "view"
        ),
        MetricDescription("swathlog_audit_damages", .gauge, "Damages that the last audit found."),
        MetricDescription("swathlog_audit_timestamp_seconds", .gauge, "When the last audit was recorded, since 1970."),
    ]

    private static let store = [
        MetricDescription("swathlog_views_size_bytes", .gauge, "Size of the views' files."),
        MetricDescription("swathlog_disk_free_bytes", .gauge, "Room on the disk that holds the store."),
        MetricDescription(
            "swathlog_build_info",
            .gauge,
            "1, labelled by what runs.",
            labels: "version",
            "engine_revision"
        ),
    ]

    /// As Prometheus' client libraries name them.
    private static let process = [
        MetricDescription("process_cpu_seconds_total", .counter, "Time on processors."),
        MetricDescription("process_resident_memory_bytes", .gauge, "Memory in use."),
        MetricDescription("process_virtual_memory_bytes", .gauge, "Address space in use."),
        MetricDescription("process_start_time_seconds", .gauge, "When the process began, since 1970."),
        MetricDescription("process_open_fds", .gauge, "File descriptors in use."),
        MetricDescription("process_max_fds", .gauge, "File descriptors that may be in use."),
    ]

    private static let seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
}
