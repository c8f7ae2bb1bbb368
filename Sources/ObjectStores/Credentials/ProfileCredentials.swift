/// Credentials of a profile in the shared files: keys, or a role that is assumed.
struct ProfileCredentials: CredentialsSource {
    let name = "the shared config and credentials files"
    let profile: String?
    let environment: AWSEnvironment
    let service: TokenService

    func load() async throws(S3Error) -> Credentials? {
        let profile = try SharedProfile(profile, environment: environment)
        return try await credentials(of: profile, depth: 0)
    }

    private func credentials(of profile: SharedProfile, depth: Int) async throws(S3Error) -> Credentials? {
        guard depth < 5 else {
            throw S3Error(.noCredentials, "the profiles' source_profile lead in a circle; break it")
        }
        if let role = profile["role_arn"], let assumed = try await assume(role, profile, depth: depth) {
            return assumed
        }
        if let id = profile["aws_access_key_id"] {
            guard let secret = profile["aws_secret_access_key"] else {
                throw S3Error(.noCredentials, "profile \"\(profile.name)\" has no aws_secret_access_key; add it")
            }
            return Credentials(
                accessKeyID: id,
                secretAccessKey: secret,
                sessionToken: profile["aws_session_token"]
            )
        }
        for kind in ["credential_process", "sso_session", "sso_start_url", "login_session", "credential_source"]
        where profile[kind] != nil {
            throw S3Error(
                .noCredentials,
                "profile \"\(profile.name)\" gets its credentials by \(kind), which this program does not do; let `aws configure export-credentials --format env` put them into the environment"
            )
        }
        // The default profile often holds a region only; then the next place is asked, as the SDKs do.
        return nil
    }

    private func assume(
        _ role: String,
        _ profile: SharedProfile,
        depth: Int
    ) async throws(S3Error) -> Credentials? {
        let session = profile["role_session_name"] ?? defaultSession
        if let file = profile["web_identity_token_file"] {
            return try await service.assume(role, session: session, tokenFile: file)
        }
        guard let source = profile.source else { return nil }
        // A profile may name itself as its source: its own keys are meant then.
        let lender: Credentials? =
            source.name == profile.name
            ? keys(of: profile) : try await credentials(of: source, depth: depth + 1)
        guard let lender else {
            throw S3Error(
                .noCredentials,
                "profile \"\(source.name)\", which \"\(profile.name)\" builds on, has no credentials; add them"
            )
        }
        return try await service.assume(role, session: session, externalID: profile["external_id"], with: lender)
    }

    private func keys(of profile: SharedProfile) -> Credentials? {
        guard let id = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] else { return nil }
        return Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: profile["aws_session_token"])
    }
}
