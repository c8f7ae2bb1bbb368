#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What processors have done for this process.
enum ProcessorTime {
    /// Seconds, with those of the children that have ended; they say more than a clock on a machine that others use.
    static func ofProcessAndChildren() -> Double {
        [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { sum, who in
            var usage = rusage()
            getrusage(Int32(who.rawValue), &usage)
            return sum + seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }
}
