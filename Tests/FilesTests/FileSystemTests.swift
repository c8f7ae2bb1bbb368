import Files
import Foundation
import Testing

@Suite("The kinds of file systems")
struct FileSystemTests {
    @Test("what is mounted here is known by the name that the kernel gives it")
    func mounted() throws {
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
        var checked: Set<String> = []
        for mount in mounts {
            let fields = mount.split(separator: " ")
            guard fields.count > 2, FileManager.default.isReadableFile(atPath: String(fields[1])) else { continue }
            let (path, type) = (String(fields[1]), String(fields[2]))
            guard ["proc", "tmpfs", "sysfs", "ext4", "xfs", "overlay", "cgroup2", "9p", "nfs4"].contains(type) else {
                continue
            }
            let found = try FileSystem(of: path)
            // Another mount may lie over this one.
            guard mounts.count(where: { $0.split(separator: " ").dropFirst().first == fields[1] }) == 1 else {
                continue
            }
            #expect(found.name == (type == "nfs4" ? "nfs" : type), "\(path)")
            checked.insert(type)
        }
        #expect(checked.contains("proc"))
    }

    @Test(
        "file systems that others change are told apart",
        arguments: [
            (0x6969, "nfs"), (0xFE53_4D42, "smb2"), (0xFF53_4D42, "cifs"), (0x6573_5546, "fuse"),
            (0x0102_1997, "9p"), (0x5346_414F, "afs"), (0x00C3_6400, "ceph"),
        ] as [(UInt64, String)]
    )
    func shared(magic: UInt64, name: String) {
        #expect(FileSystem(magic: magic).name == name)
        #expect(FileSystem(magic: magic).changesUnseen)
    }

    @Test("a disk of this machine and one that nobody has heard of are trusted")
    func local() {
        #expect(!FileSystem(magic: 0xEF53).changesUnseen)
        #expect(FileSystem(magic: 0x1234) == FileSystem(magic: 0x1234))
        #expect(FileSystem(magic: 0x1234).name == "0x1234" && !FileSystem(magic: 0x1234).changesUnseen)
    }

    @Test("a path that leads nowhere is an error")
    func missing() {
        #expect(throws: FileError.self) { try FileSystem(of: "/nowhere/at/all") }
    }
}
