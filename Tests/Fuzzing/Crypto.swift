/// Stands in for swift-crypto in the fuzz targets: its build takes minutes, and no digest is tested here.
public enum SHA256 {
    public static func hash(data: some Collection<UInt8>) -> [UInt8] {
        Array(repeating: data.first ?? 0, count: 32)
    }
}

public enum Insecure {
    public enum MD5 {
        public static func hash(data: some Collection<UInt8>) -> [UInt8] {
            Array(repeating: data.first ?? 0, count: 16)
        }
    }
}
