import DVC
import Projections

/// Reads from the DVC remotes what the log says was pushed there, and hashes it.
struct RemoteAudit {
    let catalog: FoldedCatalog
    let remotes: Remotes

    /// What a remote should have.
    private struct Pushed {
        let remote: any CheckedRemote
        var objects: [ExpectedObject] = []
        var seen: Set<String> = []

        mutating func add(_ object: ExpectedObject) {
            if seen.insert(object.id).inserted { objects.append(object) }
        }
    }

    func check(into report: inout AuditReport, progress: @escaping @Sendable (Int, Int) -> Void) async throws {
        let pushed = try await pushed(&report)
        let total = pushed.reduce(0) { $0 + $1.objects.count }
        var done = 0
        for place in pushed {
            let before = done
            let faults = try await place.remote.faults(among: place.objects, reads: true) {
                progress(before + $0, total)
            }
            for object in place.objects {
                guard let fault = faults[object.id] else {
                    report.remoteFilesChecked += 1
                    continue
                }
                report.add("remote", Self.path(of: object.id, on: place.remote), Self.words(for: fault))
            }
            done += place.objects.count
        }
    }

    /// All that was pushed, each object of a remote once; remotes of kinds that can't be read are told in the report.
    private func pushed(_ report: inout AuditReport) async throws -> [Pushed] {
        var urls: [String] = []
        var pushed: [String: Pushed] = [:]
        for commit in try await catalog.reader.commits() where commit.pushedPosition != nil {
            guard let url = commit.remote else { continue }
            if !urls.contains(url) {
                urls.append(url)
                let isReadable = Remotes.directory(url) != nil || url.hasPrefix("s3://")
                let remote = isReadable ? try await remotes.remote(url) as? any CheckedRemote : nil
                pushed[url] = remote.map { Pushed(remote: $0) }
                if remote == nil { report.remotesNotChecked.append(url) }
            }
            guard pushed[url] != nil else { continue }
            for file in try await catalog.reader.files(of: commit.partition, at: commit.throughPosition) {
                pushed[url]?.add(ExpectedObject(id: file.md5, size: file.bytes))
            }
            pushed[url]?.add(ExpectedObject(id: commit.manifest))
        }
        return urls.compactMap { pushed[$0] }
    }

    private static func path(of id: String, on remote: any CheckedRemote) -> String {
        "\(remote.url)/files/md5/\(id.prefix(2))/\(id.dropFirst(2))"
    }

    private static func words(for fault: ObjectFault) -> String {
        switch fault {
        case .missing: "it was pushed, and is not there any more"
        case .damaged(let how): how
        }
    }
}
