import Files
import HTTPTransfer
package import ObjectStores
import Synchronization

/// Opens the remotes that a repository's versions are pushed to, as its configuration describes them.
package final class Remotes: Sendable {
    struct Opened {
        let settings: RemoteSettings
        let remote: any Remote
        let http: HTTPClient?
    }

    let repository: String
    private let owner: String
    private let caBundle: String?
    let program: DVCProgram?
    let environment: AWSEnvironment
    private let opened = Mutex<[String: Opened]>([:])

    /// - Parameters:
    ///   - repository: the directory whose `.dvc` holds the configuration.
    ///   - owner: who pushes, where several push to one remote.
    ///   - caBundle: a PEM file of trusted roots in place of the system's.
    ///   - program: the `dvc` that speaks to all remotes in this program's place; nil for none.
    package init(
        repository: String,
        owner: String = "",
        caBundle: String? = nil,
        program: DVCProgram? = nil,
        environment: AWSEnvironment = .ofProcess()
    ) {
        self.repository = repository
        self.owner = owner
        self.caBundle = caBundle
        self.program = program
        self.environment = environment
    }

    /// The remote at a place that an event names.
    ///
    /// What `.dvc/config` says of it counts as it stands now; a place that it does not name is spoken to without options.
    package func remote(_ url: String) async throws -> any Remote {
        let settings = try Self.settings(of: url, in: DVCSettings(repository: repository, environment: environment))
        if let known = opened.withLock({ $0[url] }), known.settings == settings { return known.remote }
        let new = try open(settings)
        let old = opened.withLock { opened in
            defer { opened[url] = new }
            return opened[url]
        }
        await old?.http?.shutdown()
        return new.remote
    }

    /// The remote at a place, to look at it: by this program where it speaks to the place itself, else by a `dvc`.
    package func checked(_ url: String, by dvc: DVCProgram = DVCProgram()) async throws -> any CheckedRemote {
        if url.hasPrefix("s3://") || Self.directory(url) != nil, program == nil,
            let remote = try await remote(url) as? any CheckedRemote
        {
            return remote
        }
        let settings = try Self.settings(of: url, in: DVCSettings(repository: repository, environment: environment))
        try await dvc.check(url)
        return ProgramRemote(settings: settings, repository: repository, program: dvc)
    }

    /// Throws where a place can't be pushed to for want of a program, or because of what `.dvc/config` says of it.
    package func check(_ url: String) async throws {
        try await program?.check(url)
        _ = try await remote(url)
    }

    /// Ends the connections.
    package func close() async {
        let clients = opened.withLock { opened in
            defer { opened = [:] }
            return opened.values.compactMap(\.http)
        }
        for http in clients { await http.shutdown() }
    }

    static func settings(of url: String, in configuration: DVCSettings) throws(DVCError) -> RemoteSettings {
        // The default remote goes first where several have one place.
        for name in [configuration.defaultRemote].compactMap(\.self) + configuration.remotes {
            guard let found = try? configuration.remote(name), same(found.url, url) else { continue }
            return found
        }
        return RemoteSettings(url: url)
    }

    private static func same(_ left: String, _ right: String) -> Bool {
        func bare(_ url: String) -> Substring {
            var url = Substring(url)
            while url.hasSuffix("/") { url.removeLast() }
            return url
        }
        return bare(left) == bare(right)
    }

    func open(_ settings: RemoteSettings) throws -> Opened {
        if let program {
            let remote = ProgramRemote(settings: settings, repository: repository, program: program)
            return Opened(settings: settings, remote: remote, http: nil)
        }
        if settings.url.hasPrefix("s3://") { return try openBucket(settings) }
        guard let path = Self.directory(settings.url) else {
            throw DVCError(
                .badConfiguration,
                "\(settings.url) is neither a directory nor s3://BUCKET/PREFIX, which are what this program pushes to itself: `versioning: dvc` lets the installed dvc do it"
            )
        }
        return Opened(settings: settings, remote: LocalRemote(path: path, owner: owner), http: nil)
    }

    /// The directory that a place names; nil for places of other kinds.
    package static func directory(_ url: String) -> String? {
        if url.hasPrefix("file://") { return String(url.dropFirst("file://".count)) }
        return url.contains("://") ? nil : absolute(url)
    }

    private func openBucket(_ settings: RemoteSettings) throws -> Opened {
        let location = try S3Location(url: settings.url)
        let options = try S3RemoteOptions(settings, environment: environment, caBundle: caBundle)
        let resolved: S3Settings
        do {
            resolved = try options.settings.resolved(in: options.environment)
        } catch {
            // Who has keys of their own has no need of a profile that is in order.
            guard options.credentials != nil else { throw error }
            resolved = options.settings
        }
        let http = try HTTPClient(settings: options.http)
        let credentials =
            options.credentials.map { CredentialsProvider(sources: [FixedCredentials($0)]) }
            ?? CredentialsProvider(settings: resolved, environment: options.environment, http: http)
        let client = S3Client(settings: resolved, http: http, credentials: credentials)
        let remote = S3Remote(location: location, client: client, jobs: options.jobs, headers: options.headers)
        return Opened(settings: settings, remote: remote, http: http)
    }
}
