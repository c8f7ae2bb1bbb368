import GRDB
import GRDBSQLite

/// The row that a statement stands at, with its columns where SQLite has them.
///
/// Through GRDB's `Row` each text and blob of a row becomes an object of its own, which costs more than SQLite needs to
/// find them.
@safe
struct StatementRow {
    /// Its statement's, which steps only between calls of what has the row.
    private let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    func integer(_ index: CInt) -> Int {
        Int(unsafe sqlite3_column_int64(handle, index))
    }

    func optionalInteger(_ index: CInt) -> Int? {
        unsafe sqlite3_column_type(handle, index) == SQLITE_NULL ? nil : integer(index)
    }

    /// The bytes of a text or blob, good until the next row.
    func bytes(_ index: CInt) -> UnsafeRawBufferPointer {
        let start = unsafe sqlite3_column_blob(handle, index)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))
    }
}

extension Statement {
    /// Runs it and calls `body` for each row.
    func forEachRow(_ arguments: StatementArguments, _ body: (StatementRow) throws -> Void) throws {
        try setArguments(arguments)
        let handle = unsafe sqliteStatement
        defer { unsafe sqlite3_reset(handle) }
        let row = unsafe StatementRow(handle)
        while true {
            switch unsafe sqlite3_step(handle) {
            case SQLITE_ROW: try body(row)
            case SQLITE_DONE: return
            // Only GRDB interrupts, when the reading task is cancelled.
            case SQLITE_INTERRUPT: throw CancellationError()
            case let code: throw unsafe DatabaseError(code, of: handle)
            }
        }
    }
}

extension DatabaseError {
    /// What SQLite says of the failure of a statement.
    init(_ code: CInt, of statement: OpaquePointer) {
        let message = unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(statement)))
        self.init(resultCode: ResultCode(rawValue: code), message: message)
    }
}
