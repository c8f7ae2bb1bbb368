import Dispatch
import Synchronization

/// Does something on all cores, portion by portion, and throws the first failure; neighbours stay together.
package func inPortions<Element: Sendable, Failure: Error>(
    _ elements: ArraySlice<Element>,
    of size: Int,
    _ body: @Sendable (ArraySlice<Element>) throws(Failure) -> Void
) throws(Failure) {
    let starts = Array(stride(from: elements.startIndex, to: elements.endIndex, by: size))
    let failure = Mutex<Failure?>(nil)
    DispatchQueue.concurrentPerform(iterations: starts.count) { index in
        do throws(Failure) {
            try body(elements[starts[index]..<min(starts[index] + size, elements.endIndex)])
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }
    if let error = failure.withLock({ $0 }) { throw error }
}
