import Foundation

/// A directory under a second path, through which nothing can be written.
///
/// Mounting one takes root.
struct ReadOnlyMount {
    let path: String

    init(of directory: String) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "swathlog-read-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try SmallDisk.run("mount", "--bind", directory, path)
        try SmallDisk.run("mount", "-o", "remount,bind,ro", path)
    }

    func unmount() {
        try? SmallDisk.run("umount", "-l", path)
        try? FileManager.default.removeItem(atPath: path)
    }
}
