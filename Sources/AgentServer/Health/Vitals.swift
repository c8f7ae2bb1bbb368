package import Stages

/// What the agent says of itself to those that watch over it.
package struct Vitals: Sendable {
    /// Whether it makes progress.
    package let readiness: @Sendable () async -> Readiness
    /// What its code counts.
    package let registry: MetricsRegistry
    /// What is read when it is asked for: queues, cursors, sizes.
    package let samples: @Sendable () async throws -> [MetricSample]

    package init(
        readiness: @escaping @Sendable () async -> Readiness,
        registry: MetricsRegistry,
        samples: @escaping @Sendable () async throws -> [MetricSample]
    ) {
        self.readiness = readiness
        self.registry = registry
        self.samples = samples
    }
}
