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

    static func print(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Prints a text that ends its own lines.
    static func printText(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    static func complain(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes to standard error without ending the line.
    static func overwrite(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    static func bold(_ text: String) -> String { style("1", text) }
    static func dim(_ text: String) -> String { style("2", text) }
    static func red(_ text: String) -> String { style("31", text) }
    static func green(_ text: String) -> String { style("32", text) }

    private static func style(_ code: String, _ text: String) -> String {
        hasColours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// A reader that went away is no reason to fail: what it wanted to see, it has seen.
    private static func write(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
