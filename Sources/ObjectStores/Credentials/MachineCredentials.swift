import HTTPTransfer

/// Credentials of the role of an EC2 machine, from its metadata service, version 2 (with a token) only.
struct MachineCredentials: CredentialsSource {
    let name = "the machine's metadata service"
    let environment: AWSEnvironment

    func load() async throws(S3Error) -> Credentials? {
        guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
        let client = try neighbourClient(totalTimeout: .seconds(2))
        let place = "\(base)/latest/meta-data/iam/security-credentials/"
        // On a machine that is not at AWS nothing answers, or something else does: that is no error.
        guard
            let token = await text(
                client,
                HTTPRequest(
                    method: "PUT",
                    url: "\(base)/latest/api/token",
                    headers: [("X-aws-ec2-metadata-token-ttl-seconds", "21600")]
                )
            ), let roles = await text(client, HTTPRequest(url: place, headers: header(token))),
            let role = roles.split(whereSeparator: \.isNewline).first
        else { return nil }
        let answer = try await orThrow { () throws(HTTPError) in
            try await client.send(
                HTTPRequest(url: place + percentEncoded(String(role)), headers: header(token))
            )
        }
        return try LentCredentials.read(answer, from: "the machine's metadata service")
    }

    private var base: String {
        if var endpoint = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] {
            while endpoint.hasSuffix("/") { endpoint.removeLast() }
            return endpoint
        }
        let isSix = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
        return isSix ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    }

    private func header(_ token: String) -> [(String, String)] {
        [("X-aws-ec2-metadata-token", token)]
    }

    private func text(_ client: HTTPClient, _ request: HTTPRequest) async -> String? {
        guard let answer = try? await client.send(request), answer.status == 200 else { return nil }
        let text = withoutLineBreaks(String(decoding: answer.body, as: UTF8.self))
        return text.isEmpty ? nil : text
    }
}
