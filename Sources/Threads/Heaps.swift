import CPosix

/// The heaps that the C library keeps for threads.
package enum Heaps {
    /// Lets there be four of them.
    ///
    /// glibc gives threads heaps of their own, up to eight a processor, and what is free in one is of no use to the others.
    /// An agent has dozens of threads that mostly wait, one for each connection to SQLite among them: with four heaps it took
    /// a third less memory beside a bucket with two images a second, and no more time. `MALLOC_ARENA_MAX` in the environment
    /// says otherwise.
    package static func keepFew() {
        swathlog_limit_heaps(4)
    }
}
