/// The role that a pod or a workload may take on with a token in a file, as the environment says.
struct WebIdentityCredentials: CredentialsSource {
    let name = "a web identity (AWS_WEB_IDENTITY_TOKEN_FILE)"
    let environment: AWSEnvironment
    let service: TokenService

    func load() async throws(S3Error) -> Credentials? {
        guard let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"] else { return nil }
        guard let role = environment["AWS_ROLE_ARN"] else {
            throw S3Error(.noCredentials, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not; set both")
        }
        return try await service.assume(
            role,
            session: environment["AWS_ROLE_SESSION_NAME"] ?? defaultSession,
            tokenFile: file
        )
    }
}

/// The session name of a role where nobody gave one.
let defaultSession = "swathlog"
