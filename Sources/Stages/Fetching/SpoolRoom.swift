import Files
import Synchronization

/// Lets downloads begin only where the disk has room for all that are under way.
final class SpoolRoom: Sendable {
    /// What stays free beside them, in bytes.
    private static let reserve = 64 << 20

    private let path: String
    private let sizes = Mutex<[String: Int]>([:])

    init(path: String) {
        self.path = path
    }

    /// Whether an object of `size` bytes may begin; one alone always may, and meets the full disk itself.
    func take(_ item: String, size: Int) throws -> Bool {
        let free = try freeBytes(at: path)
        return sizes.withLock { sizes in
            let (needed, isTooMuch) = sizes.values.reduce(size) { $0 &+ $1 }.addingReportingOverflow(Self.reserve)
            guard sizes.isEmpty || (!isTooMuch && needed <= free) else { return false }
            sizes[item] = size
            return true
        }
    }

    func release(_ item: String) {
        sizes.withLock { $0[item] = nil }
    }
}
