import Files
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Answers with the bytes of files that never change: whole, a range of them, or not again.
///
/// The paths are made of digests that the catalog holds; nothing of a request is ever part of one.
struct FileAnswers: Sendable {
    private let reader = FileIO(threadPool: .singleton)

    func isThere(_ path: String) -> Bool { (try? fileInfo(path))?.kind == .file }

    /// - Parameters:
    ///   - tag: what is the same for the same bytes only.
    ///   - missing: what to say when there is no such file.
    /// - Throws: `not-found`, `range-unsatisfiable`.
    func answer(_ call: Call, path: String, tag: String, missing: String) async throws -> Response {
        guard let info = try fileInfo(path), info.kind == .file else { throw Problem(.notFound, missing) }
        let entityTag = "\"\(tag)\""
        let headers = call.request.headers
        var answer: HTTPFields = [
            .eTag: entityTag, .acceptRanges: "bytes", .cacheControl: "private, max-age=31536000, immutable",
        ]
        if let known = headers[.ifNoneMatch], Self.matches(known, entityTag) {
            return Response(status: .notModified, headers: answer)
        }
        answer[.contentType] = try Self.type(of: path)
        let isCurrent = headers[.ifRange].map { $0 == entityTag } ?? true
        guard isCurrent, let asked = headers[.range].flatMap({ ByteRange($0) }) else {
            return Response(status: .ok, headers: answer, body: try await body(call, path, 0..<info.size))
        }
        guard let range = asked.within(info.size) else {
            var problem = Problem(.rangeUnsatisfiable, "there are \(info.size) bytes")
            problem.size = info.size
            throw problem
        }
        answer[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(info.size)"
        return Response(status: .partialContent, headers: answer, body: try await body(call, path, range))
    }

    private func body(_ call: Call, _ path: String, _ range: Range<Int>) async throws -> ResponseBody {
        guard !range.isEmpty else { return ResponseBody() }
        return try await reader.loadFile(
            path: path,
            range: range.lowerBound...range.upperBound - 1,
            context: call.context
        )
    }

    /// The list of tags of `If-None-Match` (RFC 9110, section 13.1.2); weak ones do.
    private static func matches(_ list: String, _ tag: String) -> Bool {
        let known = ["*", tag, "W/\(tag)"]
        return list.split(separator: ",").contains { item in known.contains(item.filter { $0 != " " }) }
    }

    /// By its first bytes: what anybody may have uploaded is never taken for a page or a script.
    private static func type(of path: String) throws -> String {
        let head = try readFile(path, from: 0, count: 8)
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if head == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] { return "image/png" }
        return "application/octet-stream"
    }
}

/// The one range that a request asks for (RFC 9110, section 14.1.2).
struct ByteRange: Sendable, Equatable {
    private let first: Int?
    private let last: Int?

    /// - Returns: nil for what is no range or several: then all bytes are answered.
    init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } && $0.count < 19 }),
            !ends.allSatisfy(\.isEmpty)
        else { return nil }
        first = Int(ends[0])
        last = Int(ends[1])
        if let first, let last, last < first { return nil }
    }

    /// The bytes of so many that are meant; nil where it means none of them.
    func within(_ size: Int) -> Range<Int>? {
        guard let first else {
            guard let last, last > 0, size > 0 else { return nil }
            return max(0, size - last)..<size
        }
        guard first < size else { return nil }
        return first..<min(size, last.map { $0 + 1 } ?? size)
    }
}
