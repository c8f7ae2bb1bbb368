/// Keys for paths and paths for keys; paths are bytes, as the kernel has them.
enum FileKey {
    /// Writes a path as a key, in the escaped form where it is not UTF-8.
    static func encode(_ path: [UInt8]) -> (key: String, nonUTF8: Bool) {
        if let key = String(validating: path, as: UTF8.self) {
            return (key, false)
        }
        var key: [UInt8] = []
        var index = 0
        while index < path.count {
            let length = sequenceLength(in: path, at: index)
            if length == 0 || path[index] == UInt8(ascii: "%") {
                key += [UInt8(ascii: "%"), digits[Int(path[index] >> 4)], digits[Int(path[index] & 15)]]
                index += 1
            } else {
                key += path[index..<(index + length)]
                index += length
            }
        }
        return (String(decoding: key, as: UTF8.self), true)
    }

    /// Reads an escaped key back, or returns nil where `encode` cannot have made it.
    static func decodeEscaped(_ key: String) -> [UInt8]? {
        var path: [UInt8] = []
        var bytes = key.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                path.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(value), let low = bytes.next().flatMap(value) else {
                return nil
            }
            path.append(high << 4 | low)
        }
        let (encoded, nonUTF8) = encode(path)
        return nonUTF8 && encoded == key ? path : nil
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func value(_ digit: UInt8) -> UInt8? {
        digits.firstIndex(of: digit).map { UInt8($0) }
    }

    /// The length of the valid UTF-8 sequence that begins at an index, 0 where none does.
    private static func sequenceLength(in path: [UInt8], at index: Int) -> Int {
        let length =
            switch path[index] {
            case 0..<0x80: 1
            case 0xC2..<0xE0: 2
            case 0xE0..<0xF0: 3
            case 0xF0..<0xF5: 4
            default: 0
            }
        guard length > 1 else { return length }
        guard index + length <= path.count,
            String(validating: path[index..<(index + length)], as: UTF8.self) != nil
        else { return 0 }
        return length
    }
}
