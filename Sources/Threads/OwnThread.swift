#if canImport(Glibc)
import Glibc
#endif

/// Runs a body on a detached thread of its own; false when the system grants no thread.
///
/// The body blocks in the kernel for as long as the program runs, which a thread of Swift's pool must not do.
package func startOwnThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
    let box = unsafe Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let result = unsafe pthread_create(
        &thread,
        nil,
        { context in
            if let context = unsafe context {
                unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
            }
            return nil
        },
        box.toOpaque()
    )
    guard result == 0 else {
        unsafe box.release()
        return false
    }
    pthread_detach(thread)
    return true
}
