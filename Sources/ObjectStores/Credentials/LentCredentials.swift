import Events
import Foundation
import HTTPTransfer

/// Credentials as the endpoints of containers and machines write them, in JSON.
struct LentCredentials: Decodable {
    let code: String?
    let accessKeyID: String
    let secretAccessKey: String
    let token: String?
    let expiration: String?

    private enum CodingKeys: String, CodingKey {
        case code = "Code"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
    }

    static func read(_ answer: HTTPResponse, from place: String) throws(S3Error) -> Credentials {
        guard answer.status == 200 else {
            throw S3Error(
                .noCredentials,
                "\(place) answered HTTP \(answer.status) instead of credentials; check the role it lends",
                status: answer.status
            )
        }
        guard let lent = try? JSONDecoder().decode(LentCredentials.self, from: Data(answer.body)),
            lent.code == nil || lent.code == "Success"
        else {
            throw S3Error(.badAnswer, "\(place) answered without credentials; check the role it lends")
        }
        return Credentials(
            accessKeyID: lent.accessKeyID,
            secretAccessKey: lent.secretAccessKey,
            sessionToken: lent.token,
            expires: lent.expiration.flatMap(Timestamp.init(rfc3339:))
        )
    }
}

/// A client for endpoints on this machine or beside it: impatient, and never by a proxy.
func neighbourClient(totalTimeout: Duration) throws(S3Error) -> HTTPClient {
    do {
        return try HTTPClient(
            settings: HTTPSettings(
                connectTimeout: .seconds(1),
                totalTimeout: totalTimeout,
                bodyLimit: 1 << 16,
                usesEnvironmentProxy: false
            )
        )
    } catch {
        throw S3Error(error)
    }
}
