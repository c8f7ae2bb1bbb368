/// What a request sends after its headers.
package enum HTTPRequestBody: Sendable, Equatable {
    case bytes([UInt8])
    /// A part of a file, read while it is sent; the file must not change until the answer is there.
    case file(path: String, offset: Int = 0, length: Int)

    package static let none = Self.bytes([])

    /// The number of bytes that are sent.
    package var length: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(_, _, let length): length
        }
    }
}
