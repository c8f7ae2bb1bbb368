import CImaging

/// Philox4x32-10, a counter-based generator: a number is a function of key and counter, so that any can be had without
/// those before it (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
package enum Philox {
    /// The four words of one block; `counter` has four words and `key` two, any missing are 0.
    package static func block(counter: [UInt32], key: [UInt32]) -> [UInt32] {
        let counter = (counter + [0, 0, 0, 0]).prefix(4)
        let key = (key + [0, 0]).prefix(2)
        var words: [UInt32] = [0, 0, 0, 0]
        unsafe imaging_philox(Array(counter), Array(key), &words)
        return words
    }
}
