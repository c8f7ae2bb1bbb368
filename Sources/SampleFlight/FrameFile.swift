import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Puts frames into a directory, whole or not at all.
enum FrameFile {
    static func makeDirectory(_ path: String) throws(SampleFlightError) {
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw failure("the directory \(path) could not be made; make its parent first")
        }
    }

    static func exists(_ path: String) -> Bool {
        var found = stat()
        return lstat(path, &found) == 0
    }

    /// Puts a frame in place where nothing is; what is there already has to be this frame.
    static func save(_ bytes: [UInt8], to directory: String, name: String) throws(SampleFlightError) {
        let path = "\(directory)/\(name)"
        guard !exists(path) else {
            guard (try? Data(contentsOf: URL(filePath: path))).map({ $0.elementsEqual(bytes) }) ?? false else {
                throw SampleFlightError(
                    .notWritten,
                    "\(path) is there and is another image, which is never replaced: name another directory"
                )
            }
            return
        }
        let temporary = "\(directory)/.\(name).\(getpid()).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("\(temporary) could not be made; check the directory") }
        var written = 0
        var problem = false
        while written < bytes.count, !problem {
            let count = bytes[written...].withUnsafeBytes {
                write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 { written += count } else { problem = count == 0 || errno != EINTR }
        }
        if problem {
            let error = failure("\(path) could not be written; make room on the disk")
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else {
            let error = failure("\(path) could not be put in place; check the directory")
            unlink(temporary)
            throw error
        }
    }

    private static func failure(_ message: String) -> SampleFlightError {
        SampleFlightError(.notWritten, "\(message) (\(String(cString: strerror(errno))))")
    }
}
