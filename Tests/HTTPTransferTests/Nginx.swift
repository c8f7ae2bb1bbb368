import Foundation
import HTTPTransfer
import Subprocess
import TestSupport
import Testing

/// A running nginx on a free loopback port that serves and takes files, over HTTP/2 and TLS if asked.
struct Nginx {
    let url: String
    let scratch: Scratch
    let settings: HTTPSettings

    /// Where the server's file of this name is.
    func file(_ name: String) -> String { scratch.file("files/\(name)") }

    /// Starts a server and stops it when the body returns.
    static func run(tls: Bool, _ body: (Nginx) async throws -> Void) async throws {
        // The port is free now; another process may take it before nginx does, and then nginx does not start.
        for _ in 0..<5 {
            let port = try ClosedPort().number
            if try await run(tls: tls, port: port, body) { return }
        }
        Issue.record("nginx does not start; try `nginx -v`, and apt-get install nginx-light")
    }

    private static func run(tls: Bool, port: UInt16, _ body: (Nginx) async throws -> Void) async throws -> Bool {
        let scratch = try Scratch("nginx")
        try scratch.directory("files")
        try configuration(tls: tls, port: port, scratch).write(
            toFile: scratch.file("nginx.conf"),
            atomically: true,
            encoding: .utf8
        )
        var settings = HTTPSettings(usesEnvironmentProxy: false)
        if tls { settings.caBundle = scratch.file("ca.pem") }
        let server = Nginx(url: "\(tls ? "https" : "http")://127.0.0.1:\(port)", scratch: scratch, settings: settings)
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: ["-c", script, scratch.path, tls ? "tls" : "plain"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            guard try await lines.next() != nil else { return false }
            try await body(server)
            try await execution.standardInputWriter.finish()
            return true
        }
        return result.closureResult
    }

    /// The first nginx returns once its sockets listen; it is stopped when the standard input ends.
    private static let script = """
        set -e
        cd "$0"
        if [ "$1" = tls ]; then
            new='openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            $new -x509 -days 2 -subj /CN=swathlog-test-ca -keyout ca.key -out ca.pem
            $new -subj /CN=swathlog-test -keyout server.key -out server.csr
            echo subjectAltName=IP:127.0.0.1 >server.ext
            openssl x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile server.ext \
                -out server.pem
        fi >&2
        PATH=$PATH:/usr/sbin
        nginx -p "$0" -c "$0/nginx.conf" -e "$0/error.log" >&2
        echo ready
        read -r line || true
        nginx -p "$0" -c "$0/nginx.conf" -e "$0/error.log" -s stop
        """

    private static func configuration(tls: Bool, port: UInt16, _ scratch: Scratch) -> String {
        """
        user root;
        pid nginx.pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            client_max_body_size 0;
            keepalive_requests 100000;
            sendfile on;
            server {
                listen 127.0.0.1:\(port) \(tls ? "ssl http2" : "");
                \(tls ? "ssl_certificate server.pem; ssl_certificate_key server.key;" : "")
                root files;
                dav_methods PUT;
                add_header X-Protocol $server_protocol always;
                add_header X-Connection $connection always;
            }
        }
        """
    }
}
