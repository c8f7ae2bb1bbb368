import Crypto
import Glibc

/// Reads a whole file.
package func readFile(_ path: String) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path, O_RDONLY, action: "open")
    return try file.readRest(try fileInfo(path)?.size ?? 0)
}

/// Reads a part of a file; fewer bytes where the file ends before.
package func readFile(_ path: String, from offset: Int, count: Int) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path, O_RDONLY, action: "open")
    guard lseek(file.descriptor, off_t(offset), SEEK_SET) >= 0 else {
        throw FileError(errno: errno, path: path, action: "read")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while bytes.count < count {
        let got = try file.read(into: &buffer)
        if got == 0 { break }
        bytes.append(contentsOf: buffer[..<min(got, count - bytes.count)])
    }
    return bytes
}

/// The SHA-256 of a file as 64 lower-case hexadecimal digits, in constant memory.
package func sha256(ofFile path: String) throws(FileError) -> String {
    try digest(ofFile: path, SHA256())
}

/// The MD5 of a file as 32 lower-case hexadecimal digits, in constant memory: the name DVC gives it, no protection.
package func md5(ofFile path: String) throws(FileError) -> String {
    try digest(ofFile: path, Insecure.MD5())
}

private func digest<Hash: HashFunction>(ofFile path: String, _ start: Hash) throws(FileError) -> String {
    let file = try OpenFile(path, O_RDONLY, action: "open")
    var hash = start
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
        let count = try file.read(into: &buffer)
        if count == 0 { return hexadecimal(hash.finalize()) }
        unsafe buffer.withUnsafeBytes {
            unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count]))
        }
    }
}

/// Lower-case hexadecimal digits, two a byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
