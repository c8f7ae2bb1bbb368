import CPosix

/// The kind of file system that holds a path, and whether the kernel sees every change in it.
package struct FileSystem: Sendable, Equatable {
    /// Its usual name; the kernel's number in hexadecimal where it is none of those below.
    package let name: String
    /// Whether another machine or another program may change files without this kernel's knowledge: no notice comes then.
    package let changesUnseen: Bool

    /// Looks at the file system that holds a path.
    package init(of path: String) throws(FileError) {
        var magic: UInt64 = 0
        let failure = unsafe swathlog_file_system(path, &magic)
        guard failure == 0 else { throw FileError(errno: failure, path: path, action: "look at the file system of") }
        self.init(magic: magic)
    }

    /// - Parameter magic: `f_type` of statfs(2), 32 bits of it.
    package init(magic: UInt64) {
        if let shared = Self.shared[magic] {
            name = shared
            changesUnseen = true
        } else {
            name = Self.local[magic] ?? "0x" + String(magic, radix: 16)
            changesUnseen = false
        }
    }

    /// File systems that others change as well: over the network, on a shared disk, or by a program (FUSE: sshfs, s3fs,
    /// gcsfuse, rclone, and virtiofs).
    private static let shared: [UInt64: String] = [
        0x0000_6969: "nfs",
        0x0000_517B: "smb",
        0xFF53_4D42: "cifs",
        0xFE53_4D42: "smb2",
        0x6573_5546: "fuse",
        0x0102_1997: "9p",
        0x5346_414F: "afs",
        0x6B41_4653: "afs",
        0x00C3_6400: "ceph",
        0x7375_7245: "coda",
        0x0000_564C: "ncp",
        0x0BD0_0BD0: "lustre",
        0x4750_4653: "gpfs",
        0x7461_636F: "ocfs2",
        0x0116_1970: "gfs2",
        0x786F_4256: "vboxsf",
        0x7C7C_6673: "prl_fs",
        0x2003_0528: "orangefs",
        0x1983_0326: "beegfs",
        0xAAD7_AAEA: "panfs",
    ]

    private static let local: [UInt64: String] = [
        0x0000_EF53: "ext4",
        0x5846_5342: "xfs",
        0x9123_683E: "btrfs",
        0x2FC1_2FC1: "zfs",
        0xF2F5_2010: "f2fs",
        0xCA45_1A4E: "bcachefs",
        0x0102_1994: "tmpfs",
        0x8584_58F6: "ramfs",
        0x794C_7630: "overlay",
        0x0000_4D44: "vfat",
        0x2011_BAB0: "exfat",
        0x5346_544E: "ntfs",
        0x7366_746E: "ntfs3",
        0x0000_9660: "iso9660",
        0x7371_7368: "squashfs",
        0x3153_464A: "jfs",
        0x5265_4973: "reiserfs",
        0x0000_9FA0: "proc",
        0x6265_6572: "sysfs",
        0x0000_1CD1: "devpts",
        0x1980_0202: "mqueue",
        0x6367_7270: "cgroup2",
        0x0027_E0EB: "cgroup",
        0x6462_6720: "debugfs",
        0x7472_6163: "tracefs",
        0x7363_6673: "securityfs",
        0xCAFE_4A11: "bpf",
        0x9584_58F6: "hugetlbfs",
    ]
}
