import CPosix
import Glibc

/// Owns one file descriptor and closes it at the end of its life.
struct OpenFile: ~Copyable {
    let descriptor: CInt
    let path: String

    /// Opens `path`; the descriptor is not inherited by child processes.
    init(_ path: String, _ flags: CInt, mode: UInt32 = 0, action: String) throws(FileError) {
        var descriptor: CInt = -1
        let failure = unsafe swathlog_open(path, flags, mode, &descriptor)
        guard failure == 0 else { throw FileError(errno: failure, path: path, action: action) }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Reads up to the buffer's size; 0 at the end of the file.
    func read(into buffer: inout [UInt8]) throws(FileError) -> Int {
        while true {
            let (count, failure) = unsafe buffer.withUnsafeMutableBytes { raw in
                let count = unsafe Glibc.read(descriptor, raw.baseAddress, raw.count)
                return (count, count < 0 ? errno : 0)
            }
            if count >= 0 { return count }
            if failure != EINTR { throw FileError(errno: failure, path: path, action: "read") }
        }
    }

    /// Reads all that follows.
    ///
    /// - Parameter expected: how many bytes that should be; more and fewer are no error.
    func readRest(_ expected: Int) throws(FileError) -> [UInt8] {
        var failure: CInt = 0
        // One byte more, so that the end is met before the room is.
        var bytes = unsafe [UInt8](unsafeUninitializedCapacity: expected + 1) { buffer, filled in
            while filled < buffer.count {
                let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled...])
                let count = unsafe Glibc.read(descriptor, room.baseAddress, room.count)
                if count > 0 {
                    filled += count
                } else if count == 0 || errno != EINTR {
                    failure = count == 0 ? 0 : errno
                    return
                }
            }
        }
        guard failure == 0 else { throw FileError(errno: failure, path: path, action: "read") }
        guard bytes.count > expected else { return bytes }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try read(into: &buffer)
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// Writes all the bytes at the current offset.
    func write(_ bytes: [UInt8]) throws(FileError) {
        let failure: CInt = unsafe bytes.withUnsafeBytes { raw in
            var done = 0
            while done < raw.count {
                let count = unsafe Glibc.write(
                    descriptor,
                    raw.baseAddress?.advanced(by: done),
                    raw.count - done
                )
                if count > 0 {
                    done += count
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        guard failure == 0 else { throw FileError(errno: failure, path: path, action: "write") }
    }

    /// What the file system knows of the file.
    func info() throws(FileError) -> FileInfo {
        var found = swathlog_stat()
        let failure = unsafe swathlog_fstat(descriptor, &found)
        guard failure == 0 else { throw FileError(errno: failure, path: path, action: "look at") }
        return FileInfo(found)
    }

    /// Sets the permission bits exactly, whatever the umask.
    func setMode(_ mode: UInt32) throws(FileError) {
        // Most files were made with it, and the kernel would write the same once more.
        if try info().mode == mode { return }
        guard fchmod(descriptor, mode) == 0 else {
            throw FileError(errno: errno, path: path, action: "set the permissions of")
        }
    }

    /// Waits until the file's bytes and size are on disk.
    func synchronize() throws(FileError) {
        while fsync(descriptor) != 0 {
            guard errno == EINTR else { throw FileError(errno: errno, path: path, action: "write to disk") }
        }
    }
}
