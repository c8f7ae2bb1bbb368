import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Programs of other people that make and judge files in these tests.
enum Peers {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Debian's package for each program.
    private static let packages = [
        "cjpeg": "libjpeg-turbo-progs", "djpeg": "libjpeg-turbo-progs", "jpegtran": "libjpeg-turbo-progs",
        "convert": "imagemagick", "identify": "imagemagick", "pngcheck": "pngcheck",
    ]

    /// Runs a program on a file in a directory of its own and returns what it wrote to `output`.
    @discardableResult
    static func run(
        _ program: String,
        _ arguments: [String],
        input: [UInt8],
        named name: String = "in"
    ) throws -> [UInt8] {
        try withDirectory { directory in
            try write(input, to: directory + "/" + name)
            let output = directory + "/out"
            let words = ([program] + arguments).map { word in
                word.replacing("@in", with: directory + "/" + name).replacing("@out", with: output)
            }
            let status = try spawn(words, output: directory + "/stdout")
            if status == 127 {
                throw Missing(
                    description: "\(program) is missing: apt-get install \(packages[program] ?? program)"
                )
            }
            guard status == 0 else {
                throw Failed(description: "\(words.joined(separator: " ")) ended with \(status)")
            }
            return try read(arguments.contains { $0.contains("@out") } ? output : directory + "/stdout")
        }
    }

    /// Gives a new directory and removes it with its files.
    static func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
        var template = Array("/tmp/imaging-tests-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failed(description: "mkdtemp: \(errno)") }
        let directory = String(cString: made)
        defer {
            for name in ["in", "in.ppm", "in.pgm", "in.png", "in.jpg", "out", "stdout"] {
                unlink(directory + "/" + name)
            }
            rmdir(directory)
        }
        return try body(directory)
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw Failed(description: "cannot write \(path)") }
        let count = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, count == bytes.count else {
            throw Failed(description: "cannot write \(path)")
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw Failed(description: "nothing was written to \(path)")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    private static func spawn(_ words: [String], output: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let code = posix_spawnp(&child, words[0], &actions, nil, &arguments, environ)
        if code == ENOENT { return 127 }
        guard code == 0 else { throw Failed(description: "cannot start \(words[0]): \(code)") }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}
