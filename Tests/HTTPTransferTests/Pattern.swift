import Foundation
import HTTPTransfer

/// The bytes that `receiver.py` streams: the value tells the place.
enum Pattern {
    private static let bytes = (0..<(251 * 8192)).map { UInt8($0 % 251) }

    static func matches(_ chunk: [UInt8], at offset: Int) -> Bool {
        var position = 0
        while position < chunk.count {
            let begin = (offset + position) % 251
            let count = min(chunk.count - position, bytes.count - begin)
            let same = chunk.withUnsafeBytes { chunk in
                bytes.withUnsafeBytes { bytes in
                    guard let left = chunk.baseAddress, let right = bytes.baseAddress else { return true }
                    return memcmp(left + position, right + begin, count) == 0
                }
            }
            guard same else { return false }
            position += count
        }
        return true
    }
}

/// What came out of a stream until its end.
struct Reading {
    var count = 0
    var matches = true
    var largestChunk = 0
    var error: HTTPError?

    /// Reads to the end or to the error.
    static func of(_ body: HTTPBody) async -> Reading {
        var reading = Reading()
        do {
            for try await chunk in body {
                reading.matches = reading.matches && Pattern.matches(chunk, at: reading.count)
                reading.count += chunk.count
                reading.largestChunk = max(reading.largestChunk, chunk.count)
            }
        } catch {
            reading.error = error
        }
        return reading
    }
}
