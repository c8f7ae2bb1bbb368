/// A small disk of its own: a tmpfs that can grow and shrink.
package final class SmallDisk: Sendable {
    package let path: String
    private let mount: Tool

    private init(_ path: String, megabytes: Int) async throws {
        self.path = path
        mount = try Tool("mount", install: "apt-get install mount")
        let outcome = try await mount.run(["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
        guard outcome.status == 0 else {
            throw ToolError("a tmpfs can't be mounted, which takes root: \(outcome.errorText)")
        }
    }

    /// Keeps one mounted for as long as the body runs.
    package static func run(
        in scratch: Scratch,
        megabytes: Int,
        _ body: (SmallDisk) async throws -> Void
    ) async throws {
        let disk = try await SmallDisk(try scratch.directory("disk"), megabytes: megabytes)
        do {
            try await body(disk)
        } catch {
            try await disk.unmount()
            throw error
        }
        try await disk.unmount()
    }

    package func resize(megabytes: Int) async throws {
        try await mount.check(["-o", "remount,size=\(megabytes)m", path])
    }

    private func unmount() async throws {
        try await Tool("umount").check(["--lazy", path])
    }
}
