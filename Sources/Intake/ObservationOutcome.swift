/// What became of what a queue, a push or a listing told.
package struct ObservationOutcome: Sendable, Hashable {
    /// Versions that were not known.
    package var observed = 0
    /// Versions that were known, and are only counted.
    package var repeated = 0
    /// Keys that were known and are gone.
    package var removed = 0
    /// Versions that are older than one that is known: they are recorded and never replace it.
    package var late = 0

    package init(observed: Int = 0, repeated: Int = 0, removed: Int = 0, late: Int = 0) {
        self.observed = observed
        self.repeated = repeated
        self.removed = removed
        self.late = late
    }
}
