package import HTTPTransfer
package import ObjectStores

/// What the options of a remote in `.dvc/config` mean for speaking to its bucket.
///
/// Source: `dvc remote modify`, "Amazon S3", in DVC's documentation.
package struct S3RemoteOptions: Sendable {
    package static let defaultJobs = 16

    package private(set) var settings = S3Settings()
    package private(set) var http = S3Client.httpSettings
    /// nil: AWS's usual places are looked in.
    package private(set) var credentials: Credentials?
    package private(set) var environment: AWSEnvironment
    /// What each object is put with.
    package private(set) var headers: [(String, String)] = []
    /// Requests at a time.
    package private(set) var jobs = Self.defaultJobs

    /// - Throws: `badConfiguration` for an option whose value or whose meaning this program does not know.
    package init(_ remote: RemoteSettings, environment: AWSEnvironment, caBundle: String?) throws(DVCError) {
        self.environment = environment
        http.caBundle = caBundle
        var access: [String: String] = [:]
        for (key, value) in remote.options where !value.isEmpty {
            switch key {
            case "region": settings.region = value
            case "profile": settings.profile = value
            case "endpointurl": settings.endpoint = value
            case "credentialpath": self.environment = self.environment.replacing(["AWS_SHARED_CREDENTIALS_FILE": value])
            case "configpath": self.environment = self.environment.replacing(["AWS_CONFIG_FILE": value])
            case "access_key_id", "secret_access_key", "session_token": access[key] = value
            case "allow_anonymous_login": settings.anonymous = try Self.truth(key, value, remote)
            case "acl": headers.append(("x-amz-acl", value))
            case "sse": headers.append(("x-amz-server-side-encryption", value))
            case "sse_kms_key_id": headers.append(("x-amz-server-side-encryption-aws-kms-key-id", value))
            case "grant_read", "grant_read_acp", "grant_write_acp", "grant_full_control":
                headers.append(("x-amz-" + key.replacing("_", with: "-"), value))
            case "jobs": jobs = try Self.number(key, value, remote)
            case "connect_timeout": http.connectTimeout = .seconds(try Self.number(key, value, remote))
            case "read_timeout": http.idleTimeout = .seconds(try Self.number(key, value, remote))
            case "ssl_verify":
                if let truth = Self.truth(value) {
                    if !truth { throw Self.unknown(key, value, remote) }
                } else {
                    http.caBundle = value
                }
            case "use_ssl", "verify", "version_aware", "worktree":
                // An endpoint's own scheme says whether it is spoken to over TLS.
                let isMeant = key == "use_ssl" && remote.options.contains { $0.key == "endpointurl" }
                if try Self.truth(key, value, remote) != (key == "use_ssl"), !isMeant {
                    throw Self.unknown(key, value, remote)
                }
            case "listobjects", "no_traverse", "cache_regions", "checksum_jobs": break
            default: throw Self.unknown(key, value, remote)
            }
        }
        credentials = try Self.credentials(access, remote)
        http.connectionsPerHost = max(http.connectionsPerHost, jobs)
    }

    private static func credentials(
        _ access: [String: String],
        _ remote: RemoteSettings
    ) throws(DVCError) -> Credentials? {
        if access.isEmpty { return nil }
        guard let id = access["access_key_id"], let secret = access["secret_access_key"] else {
            throw DVCError(
                .badConfiguration,
                "the remote \(remote.name) needs access_key_id and secret_access_key together: `dvc remote modify --local \(remote.name) secret_access_key …`"
            )
        }
        return Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: access["session_token"])
    }

    private static func truth(_ value: String) -> Bool? {
        switch value.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }

    private static func truth(_ key: String, _ value: String, _ remote: RemoteSettings) throws(DVCError) -> Bool {
        guard let truth = truth(value) else { throw unknown(key, value, remote) }
        return truth
    }

    private static func number(_ key: String, _ value: String, _ remote: RemoteSettings) throws(DVCError) -> Int {
        guard let number = Int(value), (1...86_400).contains(number) else { throw unknown(key, value, remote) }
        return number
    }

    private static func unknown(_ key: String, _ value: String, _ remote: RemoteSettings) -> DVCError {
        DVCError(
            .badConfiguration,
            "the remote \(remote.name) has \(key) = \(value), which this program cannot do: `dvc remote modify \(remote.name) \(key)` with another value, or `--unset`"
        )
    }
}
