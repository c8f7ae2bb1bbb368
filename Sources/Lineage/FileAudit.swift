import DVC
import Events
import Files
import Foundation
import GRDB
import Projections
import Stages

/// Hashes every file that the log has digests of and that is on disk.
struct FileAudit {
    let paths: StorePaths
    let catalog: FoldedCatalog

    /// A recorded file: where it is, and what it must be.
    private struct Expected: Sendable {
        let kind: String
        let path: String
        var sha256: String?
        var md5: String?
        let bytes: Int?
        /// Where it is in the dataset, for a file of the work tree.
        var place: Place?
    }

    /// A file of a partition, and the version that it was expected to be of.
    private struct Place: Sendable {
        let partition: String
        let file: String
        let through: Int
    }

    private var cache: DVCCache {
        // A configuration that can't be read has no say in where the cache is.
        (try? DVCCache.of(repository: paths.dataset)) ?? DVCCache(root: "\(paths.dataset)/.dvc/cache/files/md5")
    }

    /// - Parameter progress: called with the files done and all files.
    func check(into report: inout AuditReport, progress: (Int, Int) -> Void) async throws {
        let expected = try await originals() + cached() + inTree()
        var others = OtherVersions(catalog: catalog, repository: paths.dataset)
        for (index, file) in expected.enumerated() {
            if index % 64 == 0 {
                try Task.checkCancellation()
                progress(index, expected.count)
            }
            do {
                try await check(file, &others, into: &report)
            } catch let error as FileError where error.code == .notFound {
                // Between the look at it and its reading an agent has replaced or removed it.
                report.filesAbsent += 1
            }
        }
        progress(expected.count, expected.count)
    }

    private func check(_ file: Expected, _ others: inout OtherVersions, into report: inout AuditReport) async throws {
        guard let info = try fileInfo(file.path) else {
            report.filesAbsent += 1
            return
        }
        if let fault = try fault(of: file, size: info.size) {
            if let place = file.place {
                // An agent may have brought the tree to a later version since the catalog was read, a person to an older one.
                let actual = try md5(ofFile: file.path)
                if try await others.hold(actual, place.file, of: place.partition, after: place.through) {
                    report.filesChecked += 1
                    report.bytesChecked += info.size
                    return
                }
            }
            report.add(file.kind, file.path, fault)
        } else {
            report.filesChecked += 1
            report.bytesChecked += info.size
        }
    }

    private func fault(of file: Expected, size: Int) throws -> String? {
        if let bytes = file.bytes, size != bytes { return "it has \(size) bytes, the log says \(bytes)" }
        if let wanted = file.sha256 {
            let actual = try sha256(ofFile: file.path)
            return actual == wanted ? nil : "its SHA-256 is \(actual), the log says \(wanted)"
        }
        guard let wanted = file.md5 else { return nil }
        let actual = try md5(ofFile: file.path)
        return actual == wanted ? nil : "its MD5 is \(actual), the log says \(wanted)"
    }

    private func originals() async throws -> [Expected] {
        try await catalog.database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT DISTINCT sha256, size FROM objects WHERE sha256 IS NOT NULL ORDER BY sha256"
            ).compactMap { row in
                Digest(bytes: Array(row[0] as Data)).map {
                    Expected(kind: "original", path: paths.original($0), sha256: $0.description, bytes: row[1])
                }
            }
        }
    }

    /// Tiles, indexes and manifests in the DVC cache.
    private func cached() async throws -> [Expected] {
        let cache = cache
        return try await catalog.database.read { database in
            let tiles = try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT 'tile', t.md5, t.sha256, t.bytes FROM tiles t
                    JOIN derivations d ON d.number = t.derivation WHERE d.discarded IS NULL UNION ALL
                    SELECT DISTINCT 'index', index_md5, index_sha256, index_bytes FROM derivations
                    WHERE index_md5 IS NOT NULL AND discarded IS NULL
                    """
            ).map { row in
                let name = hex(row[1] as Data)
                return Expected(
                    kind: row[0],
                    path: cache.objectPath(name),
                    sha256: hex(row[2] as Data),
                    bytes: row[3]
                )
            }
            let manifests = try String.fetchAll(
                database,
                sql: "SELECT DISTINCT manifest FROM commits WHERE committed_position IS NOT NULL"
            ).map { Expected(kind: "manifest", path: cache.objectPath($0), md5: String($0.prefix(32)), bytes: nil) }
            return tiles + manifests
        }
    }

    /// The files of the newest version of each partition, where they are not the cache's own under a second name.
    private func inTree() async throws -> [Expected] {
        let partitions = try await catalog.database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT name, committed_through FROM partitions WHERE manifest IS NOT NULL ORDER BY name"
            ).map { (name: $0[0] as String, through: $0[1] as Int) }
        }
        var expected: [Expected] = []
        for (partition, through) in partitions {
            for file in try await catalog.reader.files(of: partition, at: through) {
                let path = "\(paths.dataset)/\(partition)/\(file.path)"
                let object = try fileInfo(cache.objectPath(file.md5))
                if let object, try fileInfo(path)?.inode == object.inode { continue }
                let place = Place(partition: partition, file: file.path, through: through)
                expected.append(
                    Expected(kind: "tile", path: path, md5: file.md5, bytes: file.bytes, place: place)
                )
            }
        }
        return expected
    }
}

/// What the versions hold that have come or have been begun since the catalog was asked, and those that are checked out.
///
/// An intent is in the log before the first file of the tree changes, so whatever is seen of a version in the tree is
/// found when the log is read after that.
private struct OtherVersions {
    let catalog: FoldedCatalog
    let repository: String
    /// The MD5s of the files of versions that were asked for, by partition, version and path.
    private var files: [String: [String: [String: String]]] = [:]

    init(catalog: FoldedCatalog, repository: String) {
        self.catalog = catalog
        self.repository = repository
    }

    /// Whether a version of the partition after the one that ends at `through`, or the one that the pointer in the tree
    /// names, has this file with this content.
    mutating func hold(_ md5: String, _ file: String, of partition: String, after through: Int) async throws -> Bool {
        // Where an old version is checked out, thousands of files are its.
        if files[partition, default: [:]].values.contains(where: { $0[file] == md5 }) { return true }
        _ = try await catalog.catchUp()
        let checkedOut = checkedOut(partition)
        for commit in try await catalog.reader.commits()
        where commit.partition == partition && (commit.throughPosition > through || commit.manifest == checkedOut) {
            if files[partition]?[commit.id] == nil {
                let all = try await catalog.reader.files(of: partition, at: commit.throughPosition)
                files[partition, default: [:]][commit.id] = Dictionary(all.map { ($0.path, $0.md5) }) { first, _ in
                    first
                }
            }
            if files[partition]?[commit.id]?[file] == md5 { return true }
        }
        return false
    }

    /// The manifest of the pointer in the work tree; nil where there is none that can be read.
    private func checkedOut(_ partition: String) -> String? {
        guard let text = try? readFile("\(repository)/\(partition).dvc") else { return nil }
        return (try? Pointer(parsing: String(decoding: text, as: UTF8.self)))?.manifest
    }
}
