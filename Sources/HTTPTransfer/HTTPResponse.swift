/// One answer, its body in memory.
package struct HTTPResponse: HTTPAnswer {
    package let status: Int
    /// The final answer's headers in the order they came, names as the peer wrote them; trailers follow.
    package let headers: [(name: String, value: String)]
    /// The body, or its beginning where `bodyTruncated`.
    package let body: [UInt8]
    /// Whether the peer had more to send than the client's body limit.
    package let bodyTruncated: Bool
    /// Time from the start of the transfer to its end; waiting for a free connection slot is not in it.
    package let seconds: Double
}
