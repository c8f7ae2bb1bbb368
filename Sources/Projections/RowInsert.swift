import GRDB
import GRDBSQLite

/// An INSERT that is compiled once and run for each of many rows, under GRDB and without what that makes of each value.
struct RowInsert {
    private let statement: Statement

    init(_ sql: String, in database: Database) throws {
        statement = try database.cachedStatement(sql: sql)
    }

    func bind(_ index: CInt, _ value: Int) {
        unsafe sqlite3_bind_int64(statement.sqliteStatement, index, Int64(value))
    }

    /// Binds a text that stays where it is until `run` returns.
    func bind(_ index: CInt, text: UnsafeBufferPointer<UInt8>) {
        let bytes = unsafe UnsafeRawPointer(text.baseAddress)?.assumingMemoryBound(to: CChar.self)
        unsafe sqlite3_bind_text(statement.sqliteStatement, index, bytes, CInt(text.count), nil)
    }

    /// Binds a blob that stays where it is until `run` returns.
    func bind(_ index: CInt, blob: UnsafeRawBufferPointer) {
        unsafe sqlite3_bind_blob(statement.sqliteStatement, index, blob.baseAddress, CInt(blob.count), nil)
    }

    func run() throws {
        let handle = unsafe statement.sqliteStatement
        defer { unsafe sqlite3_reset(handle) }
        let code = unsafe sqlite3_step(handle)
        guard code == SQLITE_DONE else {
            let message = unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }
}
