package import Events
package import GRDB
import GRDBSQLite

/// An INSERT that is compiled once and run for each of many rows, under GRDB and without what that makes of each value.
///
/// Texts and blobs of a row lie together in one buffer, which SQLite reads while the row is run.
package struct RowInsert {
    private enum Kind {
        case text
        case blob
    }

    private let statement: Statement
    private var bytes: [UInt8] = []
    private var pieces: [(index: CInt, kind: Kind, end: Int)] = []

    package init(_ sql: String, in database: Database) throws {
        statement = try database.cachedStatement(sql: sql)
    }

    package func bind(_ index: CInt, _ value: Int) {
        unsafe sqlite3_bind_int64(statement.sqliteStatement, index, Int64(value))
    }

    package func bind(_ index: CInt, _ value: Int?) {
        guard let value else {
            unsafe sqlite3_bind_null(statement.sqliteStatement, index)
            return
        }
        bind(index, value)
    }

    package mutating func bind(_ index: CInt, text: String) {
        bytes.append(contentsOf: text.utf8)
        pieces.append((index, .text, bytes.count))
    }

    /// Binds a text by its UTF-8 bytes.
    package mutating func bind(_ index: CInt, text: [UInt8]) {
        bytes.append(contentsOf: text)
        pieces.append((index, .text, bytes.count))
    }

    package mutating func bind(_ index: CInt, blob: [UInt8]) {
        bytes.append(contentsOf: blob)
        pieces.append((index, .blob, bytes.count))
    }

    package mutating func bind(_ index: CInt, blob digest: Digest) {
        unsafe withUnsafeBytes(of: digest) { unsafe bytes.append(contentsOf: $0) }
        pieces.append((index, .blob, bytes.count))
    }

    /// Binds the 16 bytes of a number, the highest first.
    package mutating func bind(_ index: CInt, blob number: UInt128) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
        pieces.append((index, .blob, bytes.count))
    }

    /// Writes the row.
    package mutating func run() throws {
        let handle = unsafe statement.sqliteStatement
        defer {
            bytes.removeAll(keepingCapacity: true)
            pieces.removeAll(keepingCapacity: true)
        }
        try unsafe bytes.withUnsafeBytes { bytes in
            // An empty piece has to lie somewhere as well: no address would be NULL.
            let base = unsafe bytes.baseAddress ?? UnsafeRawPointer(handle)
            var start = 0
            for piece in pieces {
                let count = CInt(piece.end - start)
                let address = unsafe base + start
                switch piece.kind {
                case .text:
                    let text = unsafe address.assumingMemoryBound(to: CChar.self)
                    unsafe sqlite3_bind_text(handle, piece.index, text, count, nil)
                case .blob:
                    unsafe sqlite3_bind_blob(handle, piece.index, address, count, nil)
                }
                start = piece.end
            }
            defer { unsafe sqlite3_reset(handle) }
            let code = unsafe sqlite3_step(handle)
            guard code == SQLITE_DONE else { throw unsafe DatabaseError(code, of: handle) }
        }
    }
}
