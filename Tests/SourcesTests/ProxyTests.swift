import Foundation
import TestSupport
import Testing

@Suite("Behind a proxy", .timeLimit(.minutes(5)))
struct ProxyTests {
    /// A bucket `flights` with one image, in a server that speaks TLS or does not.
    private func whileServing(
        tls: Bool,
        _ body: (_ endpoint: String, _ scratch: Scratch) async throws -> Void
    ) async throws {
        let scratch = try Scratch("proxy")
        let image = try scratch.directory("root/flights") + "/one.png"
        try await Tool("convert", install: "apt-get install imagemagick").check(["-size", "150x100", "plasma:", image])
        let (certificate, key) = (scratch.file("certificate.pem"), scratch.file("key.pem"))
        try await Tool("openssl", install: "apt-get install openssl").check([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=swathlog-test", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", key, "-out", certificate,
        ])
        let options = tls ? ["--cert", certificate, "--key", key] : []
        try await S3Peer.rclone.whileRunning(root: scratch.file("root"), options: options) { _, endpoint in
            try await body(endpoint, scratch)
        }
    }

    /// A proxy that says what it is asked for.
    private func whileProxying(
        _ scratch: Scratch,
        _ body: (_ proxy: String, RunningTool) async throws -> Void
    ) async throws {
        let tool = try Tool("tinyproxy", install: "apt-get install tinyproxy-bin")
        // It takes no port 0, and any port may be taken.
        for _ in 0..<20 {
            let port = Int.random(in: 20_000..<30_000)
            let configuration = scratch.file("tinyproxy.conf")
            try "Port \(port)\nListen 127.0.0.1\nLogLevel Info\n"
                .write(toFile: configuration, atomically: true, encoding: .utf8)
            let hasStarted = try await tool.whileRunning(["-d", "-c", configuration]) { running in
                try await eventually("tinyproxy listens or ends") {
                    !running.isRunning || running.outputSoFar.contains("Accepting connections")
                }
                guard running.isRunning else { return false }
                try await body("http://127.0.0.1:\(port)", running)
                return true
            }
            if hasStarted { return }
        }
        throw ToolError("tinyproxy found no port that is free")
    }

    @Test("the bucket is read by way of it, unless no_proxy names the server", arguments: [false, true])
    func ingest(tls: Bool) async throws {
        try await whileServing(tls: tls) { endpoint, scratch in
            try await whileProxying(scratch) { proxy, running in
                for isPassedBy in [true, false] {
                    var program = try Tool(Checkout.swathlog, install: "swift build", in: scratch.path)
                    program.environment.merge([
                        "AWS_ACCESS_KEY_ID": S3Peer.key, "AWS_SECRET_ACCESS_KEY": S3Peer.secret,
                        "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
                        "SWATHLOG_S3_ENDPOINT": endpoint, "SWATHLOG_STORE": scratch.file("store-\(isPassedBy)"),
                        tls ? "https_proxy" : "http_proxy": proxy, "no_proxy": isPassedBy ? "127.0.0.1" : "",
                    ]) { _, new in new }
                    if tls { program.environment["SWATHLOG_CA_BUNDLE"] = scratch.file("certificate.pem") }
                    let report = try await program.check(["ingest", "s3://flights", "--json"]).parsed()
                    #expect(report["objects_observed"].int == 1 && report["tiles"].int ?? 0 > 0, "\(report)")
                    let asked = tls ? "CONNECT \(endpoint.dropFirst("https://".count))" : "GET \(endpoint)/flights"
                    #expect(running.outputSoFar.contains(asked) != isPassedBy, "\(running.outputSoFar)")
                }
            }
        }
    }
}
