import ArgumentParser

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes to the terminal, or to whatever stands in its place.
enum Terminal {
    /// Whether standard output is a terminal that takes colours (no-color.org).
    static var hasColours: Bool {
        isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal behind standard error; 80 when it does not say.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    static func print(_ text: String) { printText(text + "\n") }

    /// Prints a text that ends its own lines.
    static func printText(_ text: String) { printBytes(Array(text.utf8)) }

    /// Writes all of it to standard output, or ends the process: what was cut short must not pass for the whole.
    ///
    /// - Returns: whether anybody reads. A reader that went away is no reason to fail: what it wanted to see, it has seen.
    @discardableResult
    static func printBytes(_ bytes: [UInt8]) -> Bool {
        let failure = write(bytes, to: STDOUT_FILENO)
        guard failure != 0, failure != EPIPE else { return failure == 0 }
        complain("swathlog: standard output can't be written to: \(String(cString: strerror(failure)))")
        exit(Exit.failure.rawValue)
    }

    static func complain(_ text: String) {
        overwrite(text + "\n")
    }

    /// Writes to standard error without ending the line; where that fails there is nobody to tell.
    static func overwrite(_ text: String) {
        _ = write(Array(text.utf8), to: STDERR_FILENO)
    }

    static func bold(_ text: String) -> String { style("1", text) }
    static func dim(_ text: String) -> String { style("2", text) }
    static func red(_ text: String) -> String { style("31", text) }
    static func green(_ text: String) -> String { style("32", text) }

    private static func style(_ code: String, _ text: String) -> String {
        hasColours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Writes all the bytes, however slowly they are taken; returns the error number where it can't, else 0.
    private static func write(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                // Somebody has made it non-blocking, as a shell's neighbours in a pipe may: its reader is waited for.
                var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&place, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
