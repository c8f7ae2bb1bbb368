import DVC
import Events
import Files
import Projections

/// Hashes on the DVC remote what the log says was pushed there.
struct RemoteAudit {
    let catalog: FoldedCatalog

    func check(into report: inout AuditReport, progress: (Int, Int) -> Void) async throws {
        let pushed = try await catalog.reader.commits().filter { $0.pushedPosition != nil }
        var expected: [(path: String, id: String, bytes: Int?)] = []
        var seen: Set<String> = []
        for commit in pushed {
            guard let remote = commit.remote else { continue }
            guard let directory = Remotes.directory(remote) else {
                if seen.insert(remote).inserted { report.remotesNotChecked.append(remote) }
                continue
            }
            let objects = LocalRemote(path: directory).objects
            let files = try await catalog.reader.files(of: commit.partition, at: commit.throughPosition)
            for (id, bytes) in files.map({ ($0.md5, Int?.some($0.bytes)) }) + [(commit.manifest, nil)] {
                let path = objects.objectPath(id)
                if seen.insert(path).inserted { expected.append((path, id, bytes)) }
            }
        }
        for (index, file) in expected.enumerated() {
            if index % 64 == 0 {
                try Task.checkCancellation()
                progress(index, expected.count)
            }
            if let fault = try fault(of: file.path, id: file.id, bytes: file.bytes) {
                report.add("remote", file.path, fault)
            } else {
                report.remoteFilesChecked += 1
            }
        }
        progress(expected.count, expected.count)
    }

    private func fault(of path: String, id: String, bytes: Int?) throws -> String? {
        guard let info = try fileInfo(path) else { return "it was pushed, and is not there any more" }
        if let bytes, info.size != bytes { return "it has \(info.size) bytes, the log says \(bytes)" }
        let actual = try md5(ofFile: path)
        return actual == id.prefix(32) ? nil : "its MD5 is \(actual), the log says \(id.prefix(32))"
    }
}
