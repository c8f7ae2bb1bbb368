import Subprocess
import Testing

/// A running `receiver.py` on a free loopback port.
struct Receiver {
    let url: String

    /// Starts a receiver, over TLS with a PEM file of key and certificate, and stops it when the body returns.
    static func run(pem: String? = nil, _ body: (Receiver) async throws -> Void) async throws {
        let script = #filePath.replacing("Receiver.swift", with: "receiver.py")
        do {
            _ = try await Subprocess.run(
                .name("python3"),
                arguments: Arguments([script] + (pem.map { [$0] } ?? [])),
                input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { execution in
                var lines = execution.standardOutput.strings().makeAsyncIterator()
                let port = try #require(try await lines.next(), "receiver.py printed no port")
                let scheme = pem == nil ? "http" : "https"
                try await body(Receiver(url: "\(scheme)://127.0.0.1:\(port.filter(\.isNumber))"))
                try await execution.standardInputWriter.finish()
            }
        } catch let error as SubprocessError where error.code == .executableNotFound {
            Issue.record("python3 is missing: apt-get install python3")
        }
    }
}
