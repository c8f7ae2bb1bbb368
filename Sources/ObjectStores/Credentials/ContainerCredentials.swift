import Files
import HTTPTransfer

/// Credentials that an agent beside the container lends: Amazon ECS, and EKS Pod Identity.
struct ContainerCredentials: CredentialsSource {
    let name = "the container's endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI)"
    let environment: AWSEnvironment

    func load() async throws(S3Error) -> Credentials? {
        let url: String
        if let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            guard relative.hasPrefix("/") else {
                throw S3Error(.noCredentials, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI begins with a slash; correct it")
            }
            url = "http://169.254.170.2\(relative)"
        } else if let full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            guard mayBeAskedForCredentials(full) else {
                throw S3Error(
                    .noCredentials,
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI leads neither to https nor to this machine nor to its container agent; correct it"
                )
            }
            url = full
        } else {
            return nil
        }
        var request = HTTPRequest(url: url, headers: [("Accept", "application/json")])
        if let token = try token() { request.headers.append(("Authorization", token)) }
        let client = try neighbourClient(totalTimeout: .seconds(5))
        let answer = try await orThrow { () throws(HTTPError) in
            try await client.send(request)
        }
        return try LentCredentials.read(answer, from: "the container's credentials endpoint")
    }

    /// The token file counts before the token, and is read each time, since it is replaced.
    private func token() throws(S3Error) -> String? {
        guard let file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] else {
            return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        }
        do {
            return withoutLineBreaks(String(decoding: try readFile(file), as: UTF8.self))
        } catch {
            throw S3Error(.noCredentials, "the container's authorization token is not to be had: \(error.message)")
        }
    }
}

/// Whether credentials may be asked of a URL: over TLS, or of this machine and the agents that AWS puts beside it.
package func mayBeAskedForCredentials(_ url: String) -> Bool {
    let lower = url.lowercased()
    if lower.hasPrefix("https://") { return true }
    guard lower.hasPrefix("http://") else { return false }
    let authority = lower.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else { return false }
    if authority.hasPrefix("[") {
        return ["[::1]", "[fd00:ec2::23]"].contains(String(authority.prefix { $0 != "]" }) + "]")
    }
    let host = String(authority.prefix { $0 != ":" })
    if ["localhost", "169.254.170.2", "169.254.170.23"].contains(host) { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
}
