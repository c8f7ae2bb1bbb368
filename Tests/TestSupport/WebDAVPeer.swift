import Foundation

/// A WebDAV server on loopback, `rclone serve webdav`: a place that only `dvc` reaches.
package struct WebDAVPeer: Sendable {
    /// As DVC's settings have it: `webdav://127.0.0.1:PORT/data`.
    package let url: String
    /// The directory that is served under that URL.
    package let directory: String
    private let rclone: Tool
    private let origin: String

    /// Serves a directory's `data` for as long as the body runs.
    ///
    /// - Parameter root: is made where it is missing, as DVC makes no directory that a remote is.
    package static func whileRunning(root: String, _ body: (WebDAVPeer) async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: "\(root)/data", withIntermediateDirectories: true)
        let rclone = try Tool(Checkout.peer("rclone"))
        try await rclone.whileRunning(["serve", "webdav", root, "--addr", "127.0.0.1:0"]) { running in
            var origin = ""
            try await eventually("rclone listens", within: .seconds(120)) {
                let text = running.outputSoFar + running.errorsSoFar
                guard running.isRunning else { throw ToolError("rclone has ended: \(text)") }
                origin = text.firstMatch(of: /http:\/\/127\.0\.0\.1:\d+(?=\D)/).map { String($0.output) } ?? ""
                return !origin.isEmpty
            }
            let url = "\(origin.replacing("http://", with: "webdav://"))/data"
            try await body(WebDAVPeer(url: url, directory: "\(root)/data", rclone: rclone, origin: origin))
        }
    }

    // What is there is changed by way of the server: it remembers its directories, and where it is told to forget them
    // soon it is busy with nothing else on a loaded machine.

    /// Removes a file, named from the URL on.
    package func remove(_ path: String) async throws {
        try await rclone.check(["deletefile", "--webdav-url", origin, ":webdav:data/\(path)"])
    }

    /// Puts a file in place of what is there.
    package func put(_ file: String, as path: String) async throws {
        try await rclone.check(["copyto", "--ignore-times", "--webdav-url", origin, file, ":webdav:data/\(path)"])
    }
}
