import Files
import Glibc

/// A directory of a test's own, removed with the object.
final class Scratch: Sendable {
    let path: String

    /// - Parameter place: a directory of a file system that is to be tested; that for temporary files where nil.
    init(in place: String? = nil) throws {
        let place = place ?? String(cString: getenv("TMPDIR") ?? strdup("/tmp"))
        path = "\(place)/swathlog-files-\(UInt64.random(in: .min ... .max))"
        try createDirectories(path)
    }

    deinit { try? removeTree(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}
