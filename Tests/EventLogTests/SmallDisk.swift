import Foundation

/// A file system of a few megabytes in memory, for what happens when a disk is full.
///
/// Mounting one takes root.
struct SmallDisk {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appending(path: "swathlog-disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path)
    }

    func grow() throws {
        try Self.run("mount", "-o", "remount,size=16m", path)
    }

    func unmount() {
        try? Self.run("umount", "-l", path)
        try? FileManager.default.removeItem(atPath: path)
    }

    static func run(_ command: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw MountFailed(command: command.joined(separator: " "))
        }
    }

    struct MountFailed: Error, CustomStringConvertible {
        let command: String
        var description: String {
            "'\(command)' failed: run the tests as root, or under `unshare --map-root-user --mount`"
        }
    }
}
