/// An S3 server on loopback that nobody here wrote.
package enum S3Peer: String, Sendable, CaseIterable {
    /// Versions, conditions, notifications, SQS, SNS and STS; checks no signature. Keeps all in memory.
    case moto
    /// Checks signatures, ignores conditions; a bucket is a directory of its root.
    case rclone

    /// The one key pair that rclone takes.
    package static let key = "AKIDEXAMPLE"
    package static let secret = "secret/+key"

    /// Runs it for as long as the body does.
    ///
    /// - Parameters:
    ///   - root: where rclone keeps its buckets.
    ///   - port: 0 for a free one.
    ///   - options: more arguments of the server's.
    ///   - body: is given the server's URL, without a slash at its end.
    package func whileRunning(
        root: String = "",
        port: Int = 0,
        options: [String] = [],
        _ body: (RunningTool, _ endpoint: String) async throws -> Void
    ) async throws {
        let (program, arguments) =
            switch self {
            case .moto: ("python", [Checkout.motoServer, "-H", "127.0.0.1", "-p", String(port)])
            case .rclone:
                (
                    "rclone",
                    ["serve", "s3", root, "--addr", "127.0.0.1:\(port)", "--auth-key", "\(Self.key),\(Self.secret)"]
                )
            }
        try await Tool(Checkout.peer(program)).whileRunning(arguments + options) { running in
            var endpoint = ""
            try await eventually("\(rawValue) listens", within: .seconds(120)) {
                let text = running.outputSoFar + running.errorsSoFar
                guard running.isRunning else { throw ToolError("\(rawValue) has ended: \(text)") }
                endpoint = text.firstMatch(of: /https?:\/\/127\.0\.0\.1:\d+(?=\D)/).map { String($0.output) } ?? ""
                return !endpoint.isEmpty
            }
            try await body(running, endpoint)
        }
    }
}
