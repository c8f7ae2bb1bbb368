#if canImport(Glibc)
import Glibc
#endif

/// One instant on two clocks: the wall's, which files are stamped with, and one that nobody sets.
package struct Moment: Sendable, Equatable {
    /// Since 1970 in UTC.
    package let wallNanoseconds: Int64
    package let steady: ContinuousClock.Instant

    package init(wallNanoseconds: Int64, steady: ContinuousClock.Instant) {
        self.wallNanoseconds = wallNanoseconds
        self.steady = steady
    }

    package static func now() -> Moment {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Moment(wallNanoseconds: nanoseconds(time), steady: .now)
    }
}
