import Events
import GRDB

extension CatalogTables {
    /// Notes that a bucket made the newest version of a key once more: what is told of the key later is judged by that,
    /// and there is nothing to do.
    ///
    /// - Returns: whether it is that; one that is finished is begun anew.
    func noteRepeated(_ observed: ObjectObserved, _ id: String, key: Int, _ event: RecordedEvent) throws -> Bool {
        // Folders tell of a version only where something is to be done.
        guard observed.announcedBy != nil else { return false }
        try database.run(
            """
            UPDATE objects SET modified_at = ?, etag = ?, version_id = ?, sequencer = ?, announced_by = ?, observed_at = ?
            WHERE id = ? AND state IN ('observed', 'fetched', 'derived')
                AND id = (SELECT object FROM keys WHERE id = ?)
            """,
            [
                observed.modifiedAt?.microseconds, observed.etag, observed.versionID, observed.sequencer,
                observed.announcedBy, event.recordedAt.microseconds, id, key,
            ]
        )
        return database.changesCount > 0
    }

    /// A key's path, escaped where its tiles and those of another key of the partition would get in each other's way.
    ///
    /// The first of two such keys keeps its path. Only these are escaped: a path is for ever, and computed from the log.
    func path(_ path: String, clearOfTilesIn partition: String) throws -> String {
        let components = DatasetName.components(of: path)
        var path = path
        for index in components.indices.dropFirst() where TileName(components[index]) != nil {
            let above = components[..<index].joined(separator: "/")
            guard try isDirectory(above, ofKeyIn: partition) else { continue }
            path = DatasetName.escaped(path, at: index) ?? path
        }
        guard try holdsTileName(path, in: partition) else { return path }
        return DatasetName.escaped(path, at: components.count - 1) ?? path
    }

    /// Whether a key's tiles lie in this directory.
    private func isDirectory(_ path: String, ofKeyIn partition: String) throws -> Bool {
        let find = try database.cachedStatement(sql: "SELECT 1 FROM keys WHERE partition = ? AND path = ?")
        return try Int.fetchOne(find, arguments: [partition, path]) != nil
    }

    /// Whether a key's tiles lie below a name in this directory that one of the directory's own tiles could have.
    private func holdsTileName(_ path: String, in partition: String) throws -> Bool {
        // "0" follows "/".
        let find = try database.cachedStatement(
            sql: "SELECT path FROM keys WHERE partition = ? AND path > ? AND path < ?"
        )
        let paths = try String.fetchCursor(find, arguments: [partition, path + "/", path + "0"])
        while let other = try paths.next() {
            let name = other.utf8.dropFirst(path.utf8.count + 1).prefix { $0 != UInt8(ascii: "/") }
            if TileName(String(Substring(name))) != nil { return true }
        }
        return false
    }
}
