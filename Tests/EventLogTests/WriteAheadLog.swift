import Foundation

/// Counts the transactions in a WAL file: frames whose header holds a database size (SQLite file format, section 4.1).
///
/// Only frames with the file header's salts count; others are left from before a checkpoint.
func walCommits(_ path: String) throws -> Int {
    let wal = [UInt8](try Data(contentsOf: URL(filePath: path)))
    guard wal.count >= 32 else { return 0 }
    func word(_ offset: Int) -> UInt32 { wal[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    let pageSize = Int(word(8))
    return stride(from: 32, through: wal.count - 24 - pageSize, by: 24 + pageSize).filter { frame in
        word(frame + 4) != 0 && wal[frame + 8..<frame + 16] == wal[16..<24]
    }.count
}
