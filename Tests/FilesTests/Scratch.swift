import Files
import Glibc

/// A directory of a test's own, removed with the object.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path =
            "\(String(cString: getenv("TMPDIR") ?? strdup("/tmp")))/swathlog-files-\(UInt64.random(in: .min ... .max))"
        try createDirectories(path)
    }

    deinit { try? removeTree(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}
