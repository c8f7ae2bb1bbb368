import Events
import Files
import HTTPTransfer

/// Asks the Security Token Service to lend the credentials of a role.
struct TokenService: Sendable {
    let region: String
    /// nil for AWS's own endpoint of the region.
    let endpoint: String?
    let http: HTTPClient
    let time: any TimeSource

    /// Shows a token that somebody else has issued, as pods of Kubernetes have it in a file.
    func assume(_ role: String, session: String, tokenFile: String) async throws(S3Error) -> Credentials {
        // The file is replaced before its token expires, so it is read each time.
        let token: String
        do {
            token = String(decoding: try readFile(tokenFile), as: UTF8.self)
        } catch {
            throw S3Error(.noCredentials, "the web identity token is not to be had: \(error.message)")
        }
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", session), ("WebIdentityToken", withoutLineBreaks(token)),
        ]
        return try await ask(form, role: role, credentials: nil)
    }

    /// Signs with credentials that may assume the role.
    func assume(
        _ role: String,
        session: String,
        externalID: String?,
        with credentials: Credentials
    ) async throws(S3Error) -> Credentials {
        var form = [
            ("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", role), ("RoleSessionName", session),
        ]
        if let externalID { form.append(("ExternalId", externalID)) }
        return try await ask(form, role: role, credentials: credentials)
    }

    private func ask(
        _ form: [(String, String)],
        role: String,
        credentials: Credentials?
    ) async throws(S3Error) -> Credentials {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        var origin = endpoint ?? "https://sts.\(region).\(domain)"
        while origin.hasSuffix("/") { origin.removeLast() }
        let request = ServiceRequest(
            method: "POST",
            origin: origin,
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(SignatureV4.canonicalQuery(form).utf8)
        )
        let provider = credentials.map { CredentialsProvider(sources: [FixedCredentials($0)], time: time) }
        let requests = SignedRequests(service: "sts", http: http, credentials: provider, time: time)
        let answer = try await requests.send(request, region: region)
        guard answer.status == 200 else {
            throw S3Error(answer, action: "assume the role \(role)", now: time.now())
        }
        guard let values = XMLReading.values(of: answer.body)?.values, let id = values["AccessKeyId"],
            let secret = values["SecretAccessKey"], let token = values["SessionToken"]
        else {
            throw S3Error(.badAnswer, "the token service at \(origin) answered without credentials")
        }
        return Credentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: token,
            expires: values["Expiration"].flatMap(Timestamp.init(rfc3339:))
        )
    }
}

func withoutLineBreaks(_ text: String) -> String {
    String(text.drop(while: \.isWhitespace).prefix { !$0.isNewline })
}
