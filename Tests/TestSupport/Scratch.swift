import Foundation

/// A directory that a test works in and that goes with it.
package final class Scratch: Sendable {
    /// Its absolute path, without links.
    package let path: String

    package init(_ name: String = "test") throws {
        let unique = "swathlog-\(name)-\(UUID().uuidString.prefix(8))"
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(unique)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit {
        // Read-only objects do not stand in the way: only their directories have to be writable.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a name inside.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a directory inside and returns its path.
    @discardableResult
    package func directory(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }
}

/// Where the checkout and its peers are.
package enum Checkout {
    /// The package's root directory.
    package static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// The path of a file of the package.
    package static func file(_ path: String) -> String { "\(root)/\(path)" }

    /// The program under test: the one that was built with the tests, beside them.
    package static let swathlog: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("swathlog").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : "\(root)/.build/release/swathlog"
    }()

    /// A program of the Python peers, such as `dvc` or `python`.
    package static func peer(_ name: String) -> String { "\(root)/.build-peers/bin/\(name)" }

    /// A script for the peers' `python`: `moto_server`, and it takes the arguments of that.
    static var motoServer: String { "\(root)/Tests/TestSupport/moto_server.py" }

    /// Real drone originals beside the checkout; nil where they are not.
    package static var originals: String? {
        let path = "\(root)/../shared/images"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
