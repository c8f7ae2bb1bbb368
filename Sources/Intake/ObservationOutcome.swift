/// What became of what was told.
package struct ObservationOutcome: Sendable, Hashable {
    /// Versions that were recorded as the newest of their keys.
    package var observed = 0
    /// Versions that were recorded, and came after a newer one.
    package var late = 0
    /// Removals that were recorded.
    package var removed = 0
    /// Tellings of what is known already; nothing was recorded.
    package var repeated = 0
    /// Tellings that newer ones have overtaken, and removals of what nobody knows; nothing was recorded.
    package var outdated = 0
    /// Keys and buckets that the settings leave out, and folder markers.
    package var leftOut = 0
    /// Records that could not be read; their text is kept.
    package var malformed = 0

    package init(observed: Int = 0, repeated: Int = 0, removed: Int = 0, late: Int = 0) {
        self.observed = observed
        self.repeated = repeated
        self.removed = removed
        self.late = late
    }

    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.observed += right.observed
        sum.late += right.late
        sum.removed += right.removed
        sum.repeated += right.repeated
        sum.outdated += right.outdated
        sum.leftOut += right.leftOut
        sum.malformed += right.malformed
        return sum
    }

    package static func += (left: inout Self, right: Self) {
        left = left + right
    }

    /// Whether anything was recorded.
    package var isNews: Bool { observed + late + removed + malformed > 0 }
}
