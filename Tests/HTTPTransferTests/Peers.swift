import Subprocess
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A loopback port that refuses connections for as long as this lives: bound, and not listening.
class ClosedPort {
    let number: UInt16
    fileprivate let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        self.descriptor = descriptor
        number = UInt16(bigEndian: address.sin_port)
        try #require(result == 0 && number > 0)
    }

    deinit {
        close(descriptor)
    }
}

/// A loopback port whose connections nobody accepts: the kernel completes them, and then nothing comes.
final class SilentPort: ClosedPort {
    override init() throws {
        try super.init()
        try #require(listen(descriptor, 16) == 0)
    }
}

/// A key and a certificate for 127.0.0.1 that no authority signed.
enum SelfSigned {
    /// Writes both to a PEM file, which the caller removes.
    static func make() async throws -> String {
        let path = "/tmp/swathlog-tls-\(UInt64.random(in: 0 ... .max)).pem"
        let command = """
            req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=swathlog-test \
            -addext subjectAltName=IP:127.0.0.1 -keyout \(path).key -out \(path).crt
            """
        do {
            let result = try await Subprocess.run(
                .name("openssl"),
                arguments: Arguments(command.split(separator: " ").map(String.init)),
                output: .discarded
            )
            try #require(result.terminationStatus.isSuccess, "openssl made no certificate")
        } catch let error as SubprocessError where error.code == .executableNotFound {
            Issue.record("openssl is missing: apt-get install openssl")
            throw error
        }
        let joined = try await Subprocess.run(
            .name("sh"),
            arguments: ["-c", "cat \"$0.key\" \"$0.crt\" > \"$0\" && rm \"$0.key\" \"$0.crt\"", path],
            output: .discarded
        )
        try #require(joined.terminationStatus.isSuccess)
        return path
    }
}
