import ArgumentParser
import Events
import Files
import Foundation
import HTTPTransfer

/// Where an export's lines go.
protocol ExportSink {
    func write(_ line: CanonicalJSON) async throws
    /// Returns when all lines are where they should be.
    func finish() async throws
}

/// Collects lines for standard output, or for a file that is new or replaced when it is whole.
final class LineSink: ExportSink {
    private static let chunk = 1 << 16

    /// The file, its name until it is whole, and the one that it gets; nil for standard output.
    private let target: (file: FileHandle, temporary: String, final: String)?
    private var pending: [UInt8] = []

    /// - Parameter path: nil or `-` for standard output.
    init(_ path: String?) throws {
        if let path, path != "-" {
            let final = absolute(path)
            let temporary = temporaryName(in: parent(of: final))
            try writeNew([], to: temporary, mode: 0o644, synchronized: false)
            target = (try FileHandle(forWritingTo: URL(fileURLWithPath: temporary)), temporary, final)
        } else {
            target = nil
        }
    }

    func write(_ line: CanonicalJSON) throws {
        pending += line.bytes
        pending.append(UInt8(ascii: "\n"))
        if pending.count >= Self.chunk { try flush() }
    }

    func finish() throws {
        try flush()
        guard let target else { return }
        try target.file.synchronize()
        try target.file.close()
        try moveFile(target.temporary, to: target.final)
        try synchronizeDirectory(parent(of: target.final))
    }

    private func flush() throws {
        if let target {
            try target.file.write(contentsOf: Data(pending))
        } else if !Terminal.printBytes(pending) {
            // Nobody reads any more, so nothing is left to be done.
            throw ExitCode.success
        }
        pending.removeAll(keepingCapacity: true)
    }

    deinit {
        if let target { _ = try? removeFile(target.temporary) }
    }
}

/// Posts each event to an OpenLineage endpoint, in order, and again while the endpoint is not there.
struct OpenLineageSink: ExportSink {
    private static let attempts = 5

    private let client: HTTPClient
    private let url: String
    private let key: String?

    /// - Parameters:
    ///   - url: of the endpoint; without a path, that of the standard is added.
    ///   - key: sent as a bearer token; nil for none.
    init(_ url: String, key: String?) throws {
        client = try HTTPClient()
        let authority = url.components(separatedBy: "://").last ?? url
        self.url = authority.contains("/") ? url : url + "/api/v1/lineage"
        self.key = key
    }

    func write(_ line: CanonicalJSON) async throws {
        var headers = [("Content-Type", "application/json")]
        if let key { headers.append(("Authorization", "Bearer \(key)")) }
        for attempt in 1... {
            do {
                let answer = try await client.send(
                    HTTPRequest(method: "POST", url: url, headers: headers, body: line.bytes)
                )
                if (200..<300).contains(answer.status) { return }
                let isPassing = answer.status >= 500 || answer.status == 429
                guard isPassing, attempt < Self.attempts else {
                    throw ExportError(
                        "\(url) answered \(answer.status): \(String(decoding: answer.body.prefix(300), as: UTF8.self))"
                    )
                }
            } catch let error as HTTPError {
                if error.code == .cancelled { throw CancellationError() }
                guard attempt < Self.attempts else { throw ExportError("\(url): \(error.message)") }
            }
            try await Task.sleep(for: .seconds(1 << (attempt - 1)))
        }
    }

    func finish() async throws {
        await client.shutdown()
    }
}

/// Why an export could not go on.
struct ExportError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
