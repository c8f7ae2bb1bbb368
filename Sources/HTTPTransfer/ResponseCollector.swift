/// Gathers the header lines and body bytes of one answer, within limits.
struct ResponseCollector {
    /// More than any server sends in earnest; what exceeds it would only fill memory.
    static let headerLimit = 256 << 10

    private let bodyLimit: Int
    private var headerBytes = 0
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var headersTooLarge = false
    /// The last status line's number.
    private(set) var status = 0
    /// Whether the headers of a final answer have ended.
    private(set) var headIsComplete = false
    private(set) var body: [UInt8] = []
    private(set) var bodyTruncated = false

    init(bodyLimit: Int) {
        self.bodyLimit = max(0, bodyLimit)
    }

    /// Takes one header line with its line end; false ends the transfer.
    mutating func receiveHeader(_ line: borrowing Span<UInt8>) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else {
            headersTooLarge = true
            return false
        }
        let text = unsafe line.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        receiveHeader(text.utf8[...])
        return true
    }

    private mutating func receiveHeader(_ line: Substring.UTF8View) {
        if line.starts(with: "HTTP/".utf8) {
            // A further status line: the headers before belonged to an interim answer such as 100 Continue.
            headers = []
            status = Self.status(line)
            headIsComplete = false
        } else if line.allSatisfy({ $0 == 10 || $0 == 13 }) {
            headIsComplete = status >= 200
        } else if let first = line.first, Self.isBlank(first), let last = headers.indices.last {
            // A folded line continues the value before it (RFC 9112, section 5.2).
            let rest = Self.trimmed(line)
            if !rest.isEmpty {
                headers[last].value += " " + rest
            }
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            headers.append((Self.trimmed(line[..<colon]), Self.trimmed(line[line.index(after: colon)...])))
        }
    }

    /// Takes body bytes up to the limit; false ends the transfer.
    mutating func receiveBody(_ bytes: borrowing Span<UInt8>) -> Bool {
        let room = bodyLimit - body.count
        let taken = min(room, bytes.count)
        if body.isEmpty {
            body.reserveCapacity(max(taken, min(announcedLength, bodyLimit)))
        }
        unsafe bytes.withUnsafeBufferPointer { unsafe body.append(contentsOf: $0.prefix(taken)) }
        if bytes.count > room {
            bodyTruncated = true
        }
        return !bodyTruncated
    }

    var announcedLength: Int {
        headers.last { isSameHeader($0.name, "content-length") }.flatMap { Int($0.value) } ?? 0
    }

    /// Reads the number after the first space (RFC 9112, section 4).
    private static func status(_ line: Substring.UTF8View) -> Int {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        return words.count < 2 ? 0 : Int(trimmed(words[1])) ?? 0
    }

    private static func trimmed(_ bytes: Substring.UTF8View) -> String {
        var rest = bytes
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == 9 || byte == 10 || byte == 13
    }
}
