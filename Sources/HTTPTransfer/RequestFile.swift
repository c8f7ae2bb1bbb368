#if canImport(Glibc)
import Glibc
#endif

/// The part of a file that is one request's body.
struct RequestFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let offset: Int
    private let length: Int
    private var position = 0
    /// Why reading failed, once it has.
    private(set) var failure: HTTPError?

    init(path: String, offset: Int, length: Int) throws(HTTPError) {
        guard offset >= 0, length >= 0, offset <= Int.max - length else {
            throw HTTPError(code: .invalidRequest, message: "no file has the bytes \(offset) to \(offset)+\(length)")
        }
        // A pipe in the file's place must not stop the thread that serves all transfers.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw HTTPError(code: .invalidRequest, message: "cannot open \(path): \(systemMessage())")
        }
        self.descriptor = descriptor
        self.path = path
        self.offset = offset
        self.length = length
    }

    deinit {
        close(descriptor)
    }

    /// Fills the buffer with what comes next; 0 at the end, nil with `failure` set where the bytes cannot be had.
    @safe
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let wanted = min(buffer.count, length - position)
        guard wanted > 0 else { return 0 }
        var count: Int
        repeat {
            count = unsafe pread(descriptor, buffer.baseAddress, wanted, offset + position)
        } while count < 0 && errno == EINTR
        guard count > 0 else {
            let reason = count == 0 ? "it ends after \(offset + position) bytes" : systemMessage()
            failure = HTTPError(code: .invalidRequest, message: "cannot read \(path) to send it: \(reason)")
            return nil
        }
        position += count
        return count
    }

    /// Goes to a place counted from the body's beginning.
    mutating func seek(to place: Int) -> Bool {
        guard place >= 0, place <= length else { return false }
        position = place
        return true
    }
}

/// To be called right after the call that failed.
private func systemMessage() -> String {
    unsafe String(cString: strerror(errno))
}
