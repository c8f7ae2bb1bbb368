import Crypto
import Glibc

/// A new file that is filled piece by piece and digested on the way.
package final class SpoolFile {
    /// What the bytes come to, in lower-case hexadecimal.
    package struct Digests: Sendable, Equatable {
        package let sha256: String
        /// Where it was asked for.
        package let md5: String?
    }

    /// The bytes that have been written.
    package private(set) var length = 0
    private let file: OpenFile
    private var sha256 = SHA256()
    private var md5: Insecure.MD5?

    /// - Parameter path: a name that nothing has.
    package init(_ path: String, withMD5: Bool) throws(FileError) {
        file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600, action: "create")
        md5 = withMD5 ? Insecure.MD5() : nil
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        try file.write(bytes)
        length += bytes.count
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe sha256.update(bufferPointer: bytes)
            unsafe md5?.update(bufferPointer: bytes)
        }
    }

    /// Makes the file read-only and waits until it is on disk.
    package func finish() throws(FileError) -> Digests {
        try file.setMode(0o444)
        try file.synchronize()
        return Digests(sha256: hexadecimal(sha256.finalize()), md5: md5.map { hexadecimal($0.finalize()) })
    }
}
