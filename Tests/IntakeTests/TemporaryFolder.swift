import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A real folder that is removed with everything in it when the test ends.
///
/// It lies two levels deep, so that a test has an outside that is removed as well.
final class TemporaryFolder: Sendable {
    let path: String
    let outside: String

    init() throws {
        let base = "/tmp/swathlog-intake-\(UInt64.random(in: 0 ... .max))"
        path = base + "/root"
        outside = base
        try #require(mkdir(base, 0o755) == 0 && mkdir(path, 0o755) == 0)
    }

    deinit {
        Self.remove(Array(outside.utf8CString))
    }

    func makeFolder(_ name: String) throws {
        var made = path
        for part in name.split(separator: "/") {
            made += "/" + part
            try #require(mkdir(made, 0o755) == 0 || errno == EEXIST)
        }
    }

    func write(_ name: String, _ text: String = "x") throws {
        try write(Array(name.utf8), text)
    }

    func write(_ name: [UInt8], _ text: String = "x") throws {
        let descriptor = try open(name, O_WRONLY | O_CREAT | O_TRUNC)
        defer { close(descriptor) }
        try append(text, to: descriptor)
    }

    func open(_ name: [UInt8], _ flags: Int32) throws -> Int32 {
        let descriptor = Glibc.open(absolute(name), flags | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        return descriptor
    }

    func append(_ text: String, to descriptor: Int32) throws {
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    func link(_ name: String, to target: String) throws {
        try #require(symlink(target, "\(path)/\(name)") == 0)
    }

    func move(_ name: String, to new: String) throws {
        try #require(rename("\(path)/\(name)", "\(path)/\(new)") == 0)
    }

    func delete(_ name: String) {
        Self.remove(Array("\(path)/\(name)".utf8CString))
    }

    func stamp(_ name: String, seconds: Int) throws {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 7)]
        try #require(utimensat(AT_FDCWD, "\(path)/\(name)", times, 0) == 0)
    }

    private func absolute(_ name: [UInt8]) -> [CChar] {
        (Array(path.utf8) + [UInt8(ascii: "/")] + name + [0]).map { CChar(bitPattern: $0) }
    }

    private static func remove(_ path: [CChar]) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        chmod(path, 0o700)
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                        Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                    }
                }
                if name != [0x2E], name != [0x2E, 0x2E] {
                    remove(path.dropLast() + [0x2F] + name + [0])
                }
            }
            closedir(stream)
        }
        rmdir(path)
    }
}
