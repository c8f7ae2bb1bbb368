/// Credentials that stand in the environment.
struct EnvironmentCredentials: CredentialsSource {
    let name = "the environment (AWS_ACCESS_KEY_ID)"
    let environment: AWSEnvironment

    func load() async throws(S3Error) -> Credentials? {
        guard let id = environment["AWS_ACCESS_KEY_ID"] else { return nil }
        guard let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
            throw S3Error(.noCredentials, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not; set both")
        }
        return Credentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: environment["AWS_SESSION_TOKEN"]
        )
    }
}

/// Credentials that somebody has handed over.
package struct FixedCredentials: CredentialsSource {
    package let name = "the settings"
    private let credentials: Credentials

    package init(_ credentials: Credentials) {
        self.credentials = credentials
    }

    package func load() async throws(S3Error) -> Credentials? { credentials }
}
