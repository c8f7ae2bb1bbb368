import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// The heaps of the C library.
enum Heaps {
    /// Keeps them few.
    ///
    /// glibc gives threads heaps of their own, up to eight a processor, and what is free in one is of no use to the others.
    /// An agent has dozens of threads that mostly wait, one for each connection to SQLite among them. With four heaps it took
    /// a third less memory beside a bucket with two images a second, and no more time. `MALLOC_ARENA_MAX` says otherwise.
    static func keepFew() {
        #if canImport(Glibc)
        guard ProcessInfo.processInfo.environment["MALLOC_ARENA_MAX"] == nil else { return }
        mallopt(M_ARENA_MAX, 4)
        #endif
    }
}
