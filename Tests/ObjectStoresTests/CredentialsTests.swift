import Events
import Files
import Foundation
import HTTPTransfer
import ObjectStores
import Synchronization
import TestSupport
import Testing

/// Gives other credentials each time, and counts.
final class CountingSource: CredentialsSource {
    let name = "a counter"
    private let count = Mutex(0)
    private let lifetime: Duration?
    private let time: any TimeSource
    private let gate: (@Sendable () async -> Void)?

    init(
        lifetime: Duration? = nil,
        time: any TimeSource = SystemTime(),
        gate: (@Sendable () async -> Void)? = nil
    ) {
        self.lifetime = lifetime
        self.time = time
        self.gate = gate
    }

    var loads: Int { count.withLock { $0 } }

    func load() async throws(S3Error) -> Credentials? {
        let number = count.withLock { count in
            count += 1
            return count
        }
        await gate?()
        return Credentials(
            accessKeyID: "AKID\(number)",
            secretAccessKey: "s",
            expires: lifetime.map { time.now() + $0 }
        )
    }
}

@Suite("Credentials", .timeLimit(.minutes(5)))
struct CredentialsTests {
    private final class Clock: TimeSource {
        private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

        func now() -> Timestamp { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
        func sleep(until deadline: Timestamp) async throws {}
    }

    @Test("are renewed five minutes before they expire, and not before")
    func renewal() async throws {
        let clock = Clock()
        let source = CountingSource(lifetime: .seconds(3600), time: clock)
        let provider = CredentialsProvider(sources: [source], time: clock)
        #expect(try await provider.credentials().accessKeyID == "AKID1")
        clock.advance(.seconds(3600 - 301))
        #expect(try await provider.credentials().accessKeyID == "AKID1")
        clock.advance(.seconds(2))
        #expect(try await provider.credentials().accessKeyID == "AKID2")
    }

    @Test("are asked for once, however many wait")
    func oneRefresh() async throws {
        let (entered, enter) = AsyncStream<Void>.makeStream()
        let (opened, open) = AsyncStream<Void>.makeStream()
        let source = CountingSource(gate: {
            enter.yield()
            for await _ in opened { break }
        })
        let provider = CredentialsProvider(sources: [source])
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await provider.credentials().accessKeyID } }
            for await _ in entered { break }
            open.yield()
            for try await id in group { #expect(id == "AKID1") }
        }
        #expect(source.loads == 1)
    }

    @Test("print as nothing that anybody could use")
    func redacted() {
        let credentials = Credentials(accessKeyID: "AKID", secretAccessKey: "topsecret", sessionToken: "tok")
        var dumped = ""
        dump(credentials, to: &dumped)
        dump(Optional(credentials), to: &dumped)
        let texts = ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped]
        for text in texts {
            #expect(!text.contains("topsecret") && !text.contains("tok") && !text.contains("AKID"), "\(text)")
        }
        #expect(texts[0] == "<redacted>")
    }

    private func load(_ variables: [String: String], profile: String? = nil) async throws -> Credentials {
        var variables = variables
        // No test may find the credentials of the machine that it runs on.
        if variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] == nil { variables["AWS_EC2_METADATA_DISABLED"] = "true" }
        var settings = S3Settings()
        settings.profile = profile
        let http = try HTTPClient()
        return try await CredentialsProvider(
            settings: settings,
            environment: AWSEnvironment(variables),
            http: http
        ).credentials()
    }

    @Test("come from the environment first, then from the shared files")
    func order() async throws {
        let scratch = try Scratch("aws")
        let config = """
            # comment
            [default]
            region = eu-north-1
            s3 =
                addressing_style = path
            [profile flight]
            aws_access_key_id = AKIDCONFIG
            aws_secret_access_key = c ; remark
            [profile both]
            aws_secret_access_key = config
            [profile assumed]
            role_arn = arn:aws:iam::123456789012:role/pilot
            source_profile = flight
            [profile broken]
            credential_process = /bin/true
            [services x]
            """
        let credentials = """
            [default]
            aws_access_key_id=AKIDFILE
            aws_secret_access_key=f#1
            aws_session_token = t

            [both]
            AWS_ACCESS_KEY_ID = AKIDBOTH
            aws_secret_access_key = credentials
            """
        try writeNew(Array(config.utf8), to: scratch.file("config"), mode: 0o600, synchronized: false)
        try writeNew(Array(credentials.utf8), to: scratch.file("credentials"), mode: 0o600, synchronized: false)
        let files = [
            "AWS_CONFIG_FILE": scratch.file("config"), "AWS_SHARED_CREDENTIALS_FILE": scratch.file("credentials"),
        ]
        func with(_ more: [String: String]) -> [String: String] { files.merging(more) { $1 } }
        let keys = ["AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "e", "AWS_SESSION_TOKEN": "st"]
        #expect(
            try await load(with(keys))
                == Credentials(accessKeyID: "AKIDENV", secretAccessKey: "e", sessionToken: "st")
        )
        #expect(
            try await load(files)
                == Credentials(accessKeyID: "AKIDFILE", secretAccessKey: "f#1", sessionToken: "t")
        )
        #expect(
            try await load(with(["AWS_PROFILE": "flight"]))
                == Credentials(accessKeyID: "AKIDCONFIG", secretAccessKey: "c")
        )
        #expect(try await load(with(keys), profile: "both").secretAccessKey == "credentials")
        for profile in ["absent", "broken"] {
            #expect(try await failure { try await load(files, profile: profile) }.code == .noCredentials)
        }
        let none = try await failure { try await load(["HOME": scratch.file("nowhere")]) }
        #expect(none.code == .noCredentials)
        #expect(none.message.contains("AWS_ACCESS_KEY_ID"))
        let resolved = try S3Settings().resolved(in: AWSEnvironment(files))
        #expect(resolved.region == "eu-north-1")
    }

    @Test("of a role are lent for a web identity, and for a profile that may assume it, by moto's STS")
    func roles() async throws {
        let scratch = try Scratch("identity")
        try writeNew(
            Array("header.payload.signature\n".utf8),
            to: scratch.file("token"),
            mode: 0o600,
            synchronized: false
        )
        let config = """
            [profile source]
            aws_access_key_id = AKIDSOURCE
            aws_secret_access_key = s
            [profile pilot]
            role_arn = arn:aws:iam::123456789012:role/pilot
            source_profile = source
            """
        try writeNew(Array(config.utf8), to: scratch.file("config"), mode: 0o600, synchronized: false)
        try await Servers.moto { port in
            let endpoint = ["AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(port)"]
            let web = try await load(
                endpoint.merging([
                    "AWS_WEB_IDENTITY_TOKEN_FILE": scratch.file("token"),
                    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/pilot",
                ]) { $1 }
            )
            let assumed = try await load(
                endpoint.merging(["AWS_CONFIG_FILE": scratch.file("config"), "AWS_PROFILE": "pilot"]) { $1 }
            )
            for lent in [web, assumed] {
                #expect(lent.accessKeyID.hasPrefix("ASIA"))
                #expect(lent.sessionToken?.isEmpty == false)
                #expect(lent.expires.map { $0 > SystemTime().now() + .seconds(600) } == true)
            }
        }
    }

    @Test("are lent by a container's agent and by a machine's metadata service")
    func lent() async throws {
        let scratch = try Scratch("lent")
        try writeNew(Array("container-token".utf8), to: scratch.file("token"), mode: 0o600, synchronized: false)
        try await Servers.script("lender.py") { port in
            let container = try await load([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(port)/container",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": scratch.file("token"),
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "the file goes before this",
            ])
            #expect(container.accessKeyID == "AKIDCONTAINER")
            #expect(container.expires != nil)
            let refused = try await failure {
                try await load(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(port)/container"])
            }
            #expect(refused.code == .noCredentials)
            let machine = try await load(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(port)/"])
            #expect(machine.accessKeyID == "pilot%20role")
            #expect(machine.sessionToken == "token")
        }
    }

    @Test(
        "are asked for only where they cannot be listened to",
        arguments: [
            ("https://example.com/x", true), ("http://127.0.0.1/x", true), ("http://127.1.2.3:80/x", true),
            ("http://localhost:1/x", true), ("http://[::1]/x", true), ("http://169.254.170.2/x", true),
            ("http://169.254.170.23/v1", true), ("http://[fd00:ec2::23]/v1", true), ("http://example.com/x", false),
            ("http://127.0.0.1.example.com/", false), ("http://127.0.0.1@example.com/", false),
            ("http://169.254.169.254/", false), ("ftp://127.0.0.1/", false), ("http://127.0.0/", false),
        ]
    )
    func places(_ url: String, _ allowed: Bool) {
        #expect(mayBeAskedForCredentials(url) == allowed)
    }
}
