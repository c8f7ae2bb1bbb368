import Crypto

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The bytes of one file, read once and never changed.
///
/// The file is read rather than mapped: a mapped file that someone shortens kills the process with SIGBUS, and sources
/// include folders that other programs write to.
package struct ImageFile: Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a regular file that begins like an image and has up to `maxBytes` bytes.
    ///
    /// What is no image is refused after its first bytes: cards hold videos of many gigabytes.
    package init(path: String, maxBytes: Int = ImageLimits().maxFileBytes) throws(ImagingError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Self.unreadable(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ImagingError(.unreadableFile, "\(path) is not a regular file")
        }
        try Self.checkKind(descriptor)
        guard let size = Int(exactly: status.st_size), size <= maxBytes else {
            throw ImagingError(
                .fileTooLarge,
                "the file holds \(status.st_size) bytes, and the limit is \(maxBytes): split the image"
            )
        }
        var code: Int32 = 0
        bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { break }
                count += got
            }
        }
        if code != 0 {
            errno = code
            throw Self.unreadable(path)
        }
        // A file that shrank since fstat gives fewer bytes; the decoder finds where it breaks off.
    }

    private static func checkKind(_ descriptor: Int32) throws(ImagingError) {
        let head = unsafe [UInt8](unsafeUninitializedCapacity: headBytes) { buffer, count in
            count = unsafe max(0, pread(descriptor, buffer.baseAddress, headBytes, 0))
        }
        _ = try ImageFormat(of: head)
    }

    /// Enough to tell a file's kind, a raw image's among the TIFF files too.
    private static let headBytes = 65_536

    /// The digest that names the source in the log.
    package var sha256: [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The digest that DVC names the file by.
    package var md5: [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }

    private static func unreadable(_ path: String) -> ImagingError {
        ImagingError(.unreadableFile, "cannot read \(path): \(unsafe String(cString: strerror(errno)))")
    }
}
