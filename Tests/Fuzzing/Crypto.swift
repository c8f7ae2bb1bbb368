/// Stands in for swift-crypto in the fuzz targets: its build takes minutes, and no digest is tested here.
public struct SHA256 {
    private var first: UInt8 = 0

    /// A digest of nothing.
    public init() {}

    /// Takes in a part.
    public mutating func update(data: some Collection<UInt8>) { first ^= data.first ?? 0 }

    /// Takes in a part.
    public mutating func update(bufferPointer: UnsafeRawBufferPointer) { update(data: bufferPointer) }

    /// 32 bytes.
    public func finalize() -> [UInt8] { Array(repeating: first, count: 32) }

    /// 32 bytes.
    public static func hash(data: some Collection<UInt8>) -> [UInt8] {
        Array(repeating: data.first ?? 0, count: 32)
    }
}

/// As in swift-crypto, what is broken has this name before it.
public enum Insecure {
    /// Stands in for MD5.
    public enum MD5 {
        /// 16 bytes.
        public static func hash(data: some Collection<UInt8>) -> [UInt8] {
            Array(repeating: data.first ?? 0, count: 16)
        }
    }
}
