package import Events
import Files
import Foundation
import HTTPTransfer
import Threads

/// The bytes of an object that is put.
package enum S3Content: Sendable, Equatable {
    case bytes([UInt8])
    /// A file, which must not change until it has been put.
    case file(path: String)
}

/// What was put.
package struct S3Written: Sendable, Equatable {
    /// Without quotes.
    package let etag: String
    package let versionID: String?
}

extension S3Client {
    /// Puts an object, in parts where it is larger than `multipartThreshold`.
    ///
    /// - Parameters:
    ///   - ifNoneMatch: whether an object that is there already is left as it is, which throws `exists`. Not every
    ///     server heeds it.
    ///   - headers: more headers of the object, such as `x-amz-acl`.
    ///   - md5: of the content, 16 bytes; what goes in one piece is refused by the server if it differs.
    ///   - sha256: of the content, where it is known already: what goes in one piece is signed by it, and not hashed again.
    @discardableResult
    package func put(
        _ bucket: String,
        _ key: String,
        _ content: S3Content,
        ifNoneMatch: Bool = false,
        headers: [(String, String)] = [],
        md5: [UInt8]? = nil,
        sha256: Digest? = nil
    ) async throws(S3Error) -> S3Written {
        let length = try await content.length
        let conditions = ifNoneMatch ? [("If-None-Match", "*")] : []
        do throws(S3Error) {
            if length > settings.multipartThreshold {
                let upload = S3Upload(client: self, bucket: bucket, key: key, content: content, length: length)
                return try await upload.run(headers: headers, conditions: conditions)
            }
            let proof = md5.map { [("Content-MD5", Data($0).base64EncodedString())] } ?? []
            let answer = try await putPiece(
                bucket,
                key,
                content,
                piece: 0..<length,
                sha256: sha256,
                headers: headers + conditions + proof,
                action: "put \(key) into \(bucket)"
            )
            return S3Written(
                etag: bareETag(answer.header("ETag") ?? ""),
                versionID: answer.header("x-amz-version-id")
            )
        } catch {
            guard error.code == .changed, ifNoneMatch else { throw error }
            throw S3Error(
                .exists,
                "\(key) is in \(bucket) already; it was left as it is",
                status: error.status,
                serverCode: error.serverCode
            )
        }
    }

    /// Deletes an object; one that is not there is no error.
    package func delete(_ bucket: String, _ key: String) async throws(S3Error) {
        _ = try await send(bucket, action: "delete \(key) from \(bucket)") { (region) throws(S3Error) in
            try request("DELETE", bucket, key: key, region: region)
        }
    }

    /// Puts some bytes of the content, as an object or as a part of one.
    func putPiece(
        _ bucket: String,
        _ key: String,
        _ content: S3Content,
        piece: Range<Int>,
        sha256: Digest? = nil,
        query: [(String, String)] = [],
        headers: [(String, String)] = [],
        action: String
    ) async throws(S3Error) -> ServiceAnswer {
        let isEncrypted = try endpoint(of: bucket, region: region(of: bucket)).isEncrypted
        let (body, payload) = try await content.body(piece, sha256: sha256, isEncrypted: isEncrypted)
        return try await send(bucket, action: action) { (region) throws(S3Error) in
            var request = try request("PUT", bucket, key: key, query: query, headers: headers, region: region)
            request.body = body
            request.payload = payload
            // How long a piece takes is the line's affair; a line that stands still has a limit of its own.
            request.timeouts = HTTPTimeouts(total: .seconds(6 * 3_600))
            return request
        }
    }
}

extension S3Content {
    var length: Int {
        get async throws(S3Error) {
            switch self {
            case .bytes(let bytes): return bytes.count
            case .file(let path):
                return try await reading {
                    guard let info = try fileInfo(path) else {
                        throw FileError(code: .notFound, path: path, message: "\(path) is not there to be put")
                    }
                    return info.size
                }
            }
        }
    }

    /// What is sent for a piece, and how it is signed: TLS protects what it carries, all else is signed itself.
    func body(
        _ piece: Range<Int>,
        sha256 known: Digest?,
        isEncrypted: Bool
    ) async throws(S3Error) -> (HTTPRequestBody, ServiceRequest.Payload) {
        switch self {
        case .bytes(let bytes):
            let part = piece == bytes.indices ? bytes : Array(bytes[piece])
            if isEncrypted { return (.bytes(part), .unsigned) }
            if let known { return (.bytes(part), .hash(known.description)) }
            // What takes less than a millisecond takes longer to hand over.
            if part.count <= 1 << 20 { return (.bytes(part), .hash(sha256(part))) }
            return (.bytes(part), .hash(try await reading { sha256(part) }))
        case .file(let path):
            if isEncrypted { return (.file(path: path, offset: piece.lowerBound, length: piece.count), .unsigned) }
            // Read once: a file that changes between signing and sending would be refused without a reason.
            let part = try await reading { try readFile(path, from: piece.lowerBound, count: piece.count) }
            if let known { return (.bytes(part), .hash(known.description)) }
            return (.bytes(part), .hash(try await reading { sha256(part) }))
        }
    }
}

/// Does what blocks or takes long beside the cooperative pool, and gives a file's failure this module's words.
private func reading<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws(S3Error) -> Value {
    do {
        return try await Blocking.run(body)
    } catch {
        throw S3Error(.badRequest, (error as? FileError)?.message ?? "\(error)")
    }
}
