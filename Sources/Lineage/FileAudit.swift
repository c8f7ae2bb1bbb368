import DVC
import Events
import Files
import Foundation
import GRDB
import Projections
import Stages

/// Hashes every file that the log has digests of and that is on disk.
struct FileAudit: Sendable {
    let paths: StorePaths
    let database: DatabasePool

    /// A recorded file: where it is, and what it must be.
    private struct Expected: Sendable {
        let kind: String
        let path: String
        var sha256: String?
        var md5: String?
        let bytes: Int?
    }

    /// - Parameter progress: called with the files done and all files.
    func check(into report: inout AuditReport, progress: (Int, Int) -> Void) async throws {
        let expected = try await originals() + cached() + inTree()
        for (index, file) in expected.enumerated() {
            if index % 64 == 0 {
                try Task.checkCancellation()
                progress(index, expected.count)
            }
            try check(file, into: &report)
        }
        progress(expected.count, expected.count)
    }

    private func check(_ file: Expected, into report: inout AuditReport) throws {
        guard let info = try fileInfo(file.path) else {
            report.filesAbsent += 1
            return
        }
        var fault: String?
        if let bytes = file.bytes, info.size != bytes {
            fault = "it has \(info.size) bytes, the log says \(bytes)"
        } else if let wanted = file.sha256 {
            let actual = try sha256(ofFile: file.path)
            if actual != wanted { fault = "its SHA-256 is \(actual), the log says \(wanted)" }
        } else if let wanted = file.md5 {
            let actual = try md5(ofFile: file.path)
            if actual != wanted { fault = "its MD5 is \(actual), the log says \(wanted)" }
        }
        if let fault {
            report.damage.append(.init(kind: file.kind, place: file.path, message: fault))
        } else {
            report.filesChecked += 1
            report.bytesChecked += info.size
        }
    }

    private func originals() async throws -> [Expected] {
        try await database.read { database in
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
        let cache = DVCCache(root: "\(paths.dataset)/.dvc/cache/files/md5")
        return try await database.read { database in
            let tiles = try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT 'tile', md5, sha256, bytes FROM tiles UNION ALL
                    SELECT DISTINCT 'index', index_md5, index_sha256, index_bytes FROM derivations
                    WHERE index_md5 IS NOT NULL
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
        let reader = CatalogReaderFiles(database: database)
        let cache = DVCCache(root: "\(paths.dataset)/.dvc/cache/files/md5")
        return try await reader.newestFiles().compactMap { partition, file in
            let path = "\(paths.dataset)/\(partition)/\(file.path)"
            let object = try fileInfo(cache.objectPath(file.md5))
            if let object, try fileInfo(path)?.inode == object.inode { return nil }
            return Expected(kind: "tile", path: path, md5: file.md5, bytes: file.bytes)
        }
    }
}

/// The newest committed files of all partitions.
private struct CatalogReaderFiles {
    let database: DatabasePool

    func newestFiles() async throws -> [(partition: String, file: DatasetFile)] {
        let partitions = try await database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT name, committed_through FROM partitions WHERE manifest IS NOT NULL ORDER BY name"
            ).map { (name: $0[0] as String, through: $0[1] as Int) }
        }
        let reader = CatalogReader(database)
        var files: [(partition: String, file: DatasetFile)] = []
        for partition in partitions {
            files += try await reader.files(of: partition.name, at: partition.through).map { (partition.name, $0) }
        }
        return files
    }
}
