import Files
import Foundation
import Intake
import TestSupport
import Testing

/// Whatever the kernel tells and does not tell, each version of each file is observed once.
@Suite(.timeLimit(.minutes(5)))
struct FolderFollowTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("files that arrive in a crowd are each observed once, and their end is noticed")
    func crowd() async throws {
        let store = try FolderStore(folder)
        let folder = folder
        try await store.following(sweepEvery: .seconds(3_600)) {
            for number in 0..<2_000 {
                if number % 100 == 0 { try folder.makeFolder("strip-\(number / 100)") }
                try folder.write("strip-\(number / 100)/\(number).jpg", String(number))
            }
            try await eventually("all are observed") { try await store.observed().count == 2_000 }
            #expect(try await store.observed().values.allSatisfy { $0 == 1 })
            folder.delete("strip-0")
            try await eventually("all removals are noticed") { try await store.removals() == 100 }
        }
    }

    @Test("where there are too few watches, sweeps find the rest, and the log says so")
    func watchLimit() async throws {
        for name in ["a", "b", "c", "d"] { try folder.makeFolder(name) }
        let store = try FolderStore(folder, maximumWatches: 2)
        let folder = folder
        try await store.following(sweepEvery: .milliseconds(300)) {
            for name in ["a", "b", "c", "d"] { try folder.write("\(name)/1.jpg", name) }
            try await eventually("all are observed") { try await store.observed().count == 4 }
        }
        #expect(store.logged.contain("max_user_watches"))
    }

    @Test("a sweep notices what is gone, and nothing else", arguments: [1, 1_200])
    func removal(files: Int) async throws {
        for number in 0..<files {
            try folder.write("\(number).jpg", String(number))
            try folder.stamp("\(number).jpg", seconds: 1_700_000_000)
        }
        try folder.makeFolder("closed")
        try folder.write("closed/kept.jpg")
        try folder.stamp("closed/kept.jpg", seconds: 1_700_000_000)
        let store = try FolderStore(folder)
        let folder = folder
        try await store.run { intake in
            let first = try await intake.sweep()
            #expect(first.observed == files + 1 && first.removed == 0)
            folder.delete("0.jpg")
            let second = try await intake.sweep()
            #expect(second.removed == 1 && second.observed == 0)
            let third = try await intake.sweep()
            #expect(third.removed == 0 && third.observed == 0)
            try folder.write("0.jpg", "0")
            try folder.stamp("0.jpg", seconds: 1_700_000_000)
            #expect(try await intake.sweep().observed == 1)
        }
        #expect(try await store.observed()["0.jpg"] == 2)
    }

    @Test(
        "on a file system that others change, sweeps find what changes, and the log says so",
        .enabled(if: access("/dev/fuse", R_OK | W_OK) == 0)
    )
    func fuse() async throws {
        try folder.makeFolder("far")
        try folder.makeFolder("near")
        let (far, near) = ("\(folder.path)/far", "\(folder.path)/near")
        _ = try Tool("fusermount3", install: "apt-get install fuse3")
        let mount = try Tool(Checkout.peer("rclone")).start([
            "mount", far, near, "--dir-cache-time", "0s", "--attr-timeout", "0s", "--config", "/dev/null",
        ])
        defer { mount.signal(SIGTERM) }
        try await eventually("it is mounted") { try FileSystem(of: near).name == "fuse" }
        let folder = folder
        // Once as the source, and once as a part of it.
        for (tree, key) in [(near, "a.jpg"), (folder.path, "near/b.jpg")] {
            let outside = try TemporaryFolder()
            let store = try FolderStore(outside, tree: tree)
            try await store.following(sweepEvery: .milliseconds(300)) {
                let name = "far/" + (key.split(separator: "/").last ?? "")
                try folder.write(name, "new")
                try folder.stamp(name, seconds: 1_700_000_000)
                try await eventually("\(key) is observed") { try await store.observed()[key] == 1 }
            }
            #expect(store.logged.contain("sweeps only"))
        }
        mount.signal(SIGTERM)
        _ = try await mount.outcome()
    }
}
