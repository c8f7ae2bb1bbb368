import Foundation
import Subprocess
import TestSupport
import Testing

/// A program that others wrote to serve a directory over HTTP.
enum FileServer: String, CaseIterable {
    case python
    case rclone

    /// Serves a directory on a free loopback port until the body returns.
    func serve(_ directory: String, _ body: (_ url: String) async throws -> Void) async throws {
        let command =
            switch self {
            case .python: ["python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", directory, "0"]
            case .rclone: [Checkout.peer("rclone"), "serve", "http", "--addr", "127.0.0.1:0", directory]
            }
        // It ends with the standard input, and says on one of its outputs where it listens.
        let script = #""$0" "$@" 2>&1 & read -r line; kill $!; wait"#
        _ = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", script] + command),
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            var url: String?
            while url == nil, let line = try await lines.next() {
                url = line.firstMatch(of: #/http://127\.0\.0\.1:\d+/#).map { String($0.0) }
            }
            try await body(try #require(url, "\(rawValue) does not start; run `tools/test` once, it installs rclone"))
            try await execution.standardInputWriter.finish()
        }
    }
}
