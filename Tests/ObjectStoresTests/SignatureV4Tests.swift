import Crypto
import Events
import Foundation
import ObjectStores
import TestSupport
import Testing

@Suite("Signature Version 4")
struct SignatureV4Tests {
    /// One case of the public test suite (awslabs/aws-c-auth, tests/aws-signing-test-suite/v4).
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let method: String
        let path: String
        let query: String
        let headers: [[String]]
        let body: String
        let normalize: Bool
        let signBody: Bool
        let token: String?
        let signsToken: Bool?
        let authorization: String

        var testDescription: String { name }

        static let all: [Vector] = {
            let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Fixtures/signature-v4.json")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return (try? decoder.decode([Vector].self, from: Data(contentsOf: fixture))) ?? []
        }()
    }

    @Test("the public suite is there")
    func suite() {
        #expect(Vector.all.count == 38)
    }

    @Test("signs as the public test suite does", arguments: Vector.all)
    func vector(_ vector: Vector) throws {
        let time = try #require(Timestamp(rfc3339: "2015-08-30T12:36:00Z"))
        let credentials = Credentials(
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
        )
        let hash = hex(SHA256.hash(data: Array(vector.body.utf8)))
        var headers = vector.headers.map { ($0[0], $0[1]) }
        headers.append(("X-Amz-Date", amazonDate(time)))
        if vector.signBody { headers.append(("X-Amz-Content-Sha256", hash)) }
        if let token = vector.token, vector.signsToken == true { headers.append(("X-Amz-Security-Token", token)) }
        let query = vector.query.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        // The suite's paths are not encoded; one that is signed as it is sent has to be, by whoever sends it.
        let path = vector.normalize ? vector.path : percentEncoded(vector.path, keepingSlashes: true)
        let signature = SignatureV4(
            service: "service",
            region: "us-east-1",
            pathRule: vector.normalize ? .normalized : .asSent
        )
        let request = SignatureV4.Request(
            method: vector.method,
            path: path,
            query: query,
            headers: headers,
            payloadHash: hash
        )
        #expect(signature.authorization(for: request, at: time, with: credentials) == vector.authorization)
    }

    @Test("signs odd requests as botocore does", arguments: [1, 2, 3])
    func botocore(_ seed: Int) async throws {
        struct Peer: Decodable {
            let service: String
            let region: String
            let host: String
            let method: String
            let path: String
            let query: [[String]]
            let headers: [[String]]
            let body: String
            let token: String?
            let authorization: String
        }
        let time = try #require(Timestamp(rfc3339: "2026-03-01T09:30:00Z"))
        let output = try await Tool(Checkout.peer("python")).check([pythonScript("sign.py"), "\(seed)", "400"])
        let lines = output.text.split(separator: "\n")
        #expect(lines.count == 400)
        for line in lines {
            let peer = try JSONDecoder().decode(Peer.self, from: Data(line.utf8))
            let hash = hex(SHA256.hash(data: Array(peer.body.utf8)))
            var headers = peer.headers.map { ($0[0], $0[1]) }
            headers += [("X-Amz-Date", amazonDate(time)), ("Host", peer.host)]
            if peer.service == "s3" { headers.append(("X-Amz-Content-Sha256", hash)) }
            if let token = peer.token { headers.append(("X-Amz-Security-Token", token)) }
            let request = SignatureV4.Request(
                method: peer.method,
                path: peer.path,
                query: peer.query.map { ($0[0], $0[1]) },
                headers: headers,
                payloadHash: hash
            )
            let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret/+key")
            let ours = SignatureV4(service: peer.service, region: peer.region)
                .authorization(for: request, at: time, with: credentials)
            #expect(ours == peer.authorization, "\(line)")
        }
    }
}

/// The path of a script beside these tests.
func pythonScript(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Python/\(name)").path
}
