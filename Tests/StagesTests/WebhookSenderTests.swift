import Crypto
import Events
import Foundation
import HTTPTransfer
import Projections
import Stages
import TestSupport
import Testing

@Suite("What receivers do is an outcome, never a crash or a wait without end", .timeLimit(.minutes(4)))
struct WebhookSenderTests {
    private func outcome(
        _ path: String,
        _ change: (inout Endpoint) -> Void = { _ in }
    ) async throws -> (
        SendOutcome, MisbehavingReceiver
    ) {
        let store = try TellingStore("sender")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        var endpoint = Endpoint(name: "lab", url: receiver.url(path))
        change(&endpoint)
        return (try await store.sender().send(.sample, to: endpoint), receiver)
    }

    @Test("a receiver that never answers, or never ends to, costs its timeout; closing early and no HTTP are failures")
    func silence() async throws {
        for path in ["hang", "slow"] {
            let (hung, _) = try await outcome(path) { $0.timeout = .milliseconds(700) }
            #expect(hung.status == nil && hung.error != nil && !hung.isSuccess, "\(path)")
        }
        for path in ["close", "garbage"] {
            let (broken, _) = try await outcome(path)
            #expect(broken.status == nil && broken.error?.isEmpty == false, "\(path)")
        }
    }

    @Test("of a long answer 4 KB are read; a redirect is a failure, and is not followed")
    func answers() async throws {
        let (big, _) = try await outcome("big")
        #expect(big.isSuccess)
        #expect(big.answer?.utf8.count ?? 0 <= WebhookSender.answerLimit + 8 && big.answer?.hasPrefix("xxx") == true)
        let (redirect, receiver) = try await outcome("redirect")
        #expect(redirect.status == 302 && !redirect.isSuccess)
        #expect(try receiver.requests().count == 1)
    }

    @Test("secrets and tokens in an answer are masked")
    func masked() async throws {
        let shared = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
        let (echo, _) = try await outcome("echo/?api_key=abcdef123") { endpoint in
            endpoint.secrets = [WebhookSecret(shared), WebhookSecret("a plain secret")].compactMap(\.self)
            endpoint.headers = [
                ("authorization", "Bearer abcdefghij"), ("x-note", shared), ("x-other", "eyJhbGciOiJub25lIn0.e30."),
                ("x-plain", "a plain secret"),
            ]
        }
        let answer = try #require(echo.answer)
        #expect(echo.status == 400 && answer.contains("<redacted>") && answer.contains("webhook-id"))
        for secret in [String(shared.dropFirst(6)), "abcdefghij", "eyJhbGci", "a plain secret"] {
            #expect(!answer.contains(secret), "\(answer)")
        }
    }

    @Test(
        "each secret signs, and a binary event has its attributes in headers; the public libraries agree",
        arguments: Endpoint.Mode.allCases
    )
    func signed(mode: Endpoint.Mode) async throws {
        let shared = [1, 2].map { "whsec_" + Data(repeating: $0, count: 24).base64EncodedString() }
        let key = Curve25519.Signing.PrivateKey()
        let signing = "whsk_" + key.rawRepresentation.base64EncodedString()
        let (sent, receiver) = try await outcome("ok") { endpoint in
            endpoint.mode = mode
            endpoint.secrets = (shared + [signing]).compactMap { WebhookSecret($0) }
        }
        #expect(sent.isSuccess)
        let told = try await verify(
            receiver,
            shared + ["--public", key.publicKey.rawRepresentation.base64EncodedString()]
        )
        #expect(told == ["swathlog.source.recovered"])
    }

    @Test("a secret that is none is refused")
    func secrets() {
        for text in [
            "", "whsec_", "whsec_!!", "whsk_", "whsk_AAAA",
            "whsk_" + Data(repeating: 1, count: 64).base64EncodedString(),
        ] {
            #expect(WebhookSecret(text) == nil, "\(text)")
        }
    }

    @Test("a certificate of nobody known, or for another name, is refused; one that is trusted is taken")
    func certificates() async throws {
        let store = try TellingStore("tls")
        let (certificate, key) = (store.scratch.file("cert.pem"), store.scratch.file("key.pem"))
        try await Tool("openssl", install: "apt-get install openssl").check([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-keyout",
            key, "-out", certificate, "-subj", "/CN=hook.example", "-addext", "subjectAltName=DNS:hook.example",
        ])
        let receiver = try await MisbehavingReceiver.start(in: store.scratch, tls: (certificate, key))
        func send(_ host: String, trusting bundle: String?) async throws -> SendOutcome {
            let sender = WebhookSender(
                client: try HTTPClient(settings: WebhookSender.settings(caBundle: bundle)),
                policy: AddressPolicy(allowed: TellingStore.loopback.allowed),
                resolver: Loopback(),
                time: store.clock
            )
            let endpoint = Endpoint(name: "lab", url: receiver.url("ok", host: host, scheme: "https"))
            return try await sender.send(.sample, to: endpoint)
        }
        #expect(try await send("hook.example", trusting: nil).status == nil)
        #expect(try await send("other.example", trusting: certificate).status == nil)
        #expect(try receiver.requests().isEmpty)
        #expect(try await send("hook.example", trusting: certificate).status == 200)
    }

    /// Every name is this machine.
    private struct Loopback: AddressResolver {
        /// The last bytes of its addresses.
        var hosts: [UInt8] = [1]

        func addresses(of host: String) async throws -> [IPAddress] { hosts.map { IPAddress(bytes: [127, 0, 0, $0]) } }
    }

    /// Takes no more connections at an address: who asks for one hears nothing.
    private static let deaf = """
        import socket, sys, time
        address = ("127.0.0.2", int(sys.argv[1]))
        listener = socket.socket()
        listener.bind(address)
        listener.listen(0)
        held = [socket.socket() for _ in range(4)]
        for waiting in held:
            waiting.setblocking(False)
            waiting.connect_ex(address)
        print("full", flush=True)
        time.sleep(3600)
        """

    @Test("an address that does not answer leaves time for the next one")
    func addresses() async throws {
        let store = try TellingStore("addresses")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        func send(_ path: String, at hosts: [UInt8], timeout: Duration) async throws -> SendOutcome {
            var endpoint = Endpoint(name: "lab", url: receiver.url(path, host: "hook.example"))
            endpoint.timeout = timeout
            return try await store.sender(resolver: Loopback(hosts: hosts)).send(.sample, to: endpoint)
        }
        try await Tool(Checkout.peer("python")).whileRunning(["-c", Self.deaf, "\(receiver.port)"]) { deaf in
            try await eventually("nobody answers") { deaf.outputSoFar.contains("full") || !deaf.isRunning }
            #expect(try await send("ok", at: [2], timeout: .milliseconds(700)).status == nil)
            #expect(try receiver.requests().isEmpty)
            #expect(try await send("ok", at: [2, 1], timeout: .seconds(4)).isSuccess)
            #expect(try receiver.requests().count == 1)
        }
    }

    @Test("Retry-After is obeyed as seconds and as a date, up to a day; one that is past or no date counts as none")
    func retryAfter() async throws {
        let (later, _) = try await outcome("later")
        #expect(later.status == 429 && later.retryAfter == .seconds(7_200))
        let (past, _) = try await outcome("past")
        #expect(past.status == 429 && past.retryAfter == nil)
    }
}

/// What the public libraries say of a receiver's requests: the types of their events.
func verify(_ receiver: MisbehavingReceiver, _ secrets: [String]) async throws -> [String] {
    let peers = "\(Checkout.root)/Tests/StagesTests/peers"
    let schemas = "\(Checkout.root)/Sources/Stages/Stages.docc/Schemas"
    let outcome = try await Tool(Checkout.peer("python")).check(
        ["\(peers)/verify.py", receiver.file, schemas] + secrets
    )
    return outcome.text.split(separator: "\n").map(String.init)
}
