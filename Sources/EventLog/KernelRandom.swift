#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Random numbers of the kernel, fetched many at a time: a call for each would cost more than what it is used for.
struct KernelRandom: RandomNumberGenerator {
    /// The most that one call gives (getentropy(3)).
    private static let fetched = 256
    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if words.isEmpty { fetch() }
        // Where the kernel gave none, as the standard library gets them.
        return words.popLast() ?? UInt64.random(in: .min ... .max)
    }

    private mutating func fetch() {
        let count = Self.fetched / MemoryLayout<UInt64>.size
        unsafe words = Array(unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = unsafe getentropy(buffer.baseAddress, Self.fetched) == 0 ? count : 0
        }
    }
}
