import Events
import GRDB
import GRDBSQLite

/// Builds events straight from SQLite's columns.
///
/// Replay is the hot loop of every rebuild: through GRDB's `Row` it makes four strings and two arrays for each event. Here
/// types, actors and streams that repeat are built once, and a payload that nobody wants is not touched.
struct EventRowReader {
    private let payloads: Set<String>?
    private var types: [(name: RepeatedText, isWanted: Bool)] = []
    private var stream = RepeatedText()
    private var actor = RepeatedText()

    private init(payloads: Set<String>?) {
        self.payloads = payloads
    }

    /// Runs a statement that selects the columns of `EventRow`, and builds an event of each row.
    static func events(
        _ statement: Statement,
        _ arguments: StatementArguments,
        payloads: Set<String>?
    ) throws -> [RecordedEvent] {
        unsafe try rows(statement, arguments, payloads: payloads) { event, _, _ in event }
    }

    /// Runs a statement that selects the columns of `EventRow`, then salt and leaf.
    static func verificationRows(
        _ statement: Statement,
        _ arguments: StatementArguments
    ) throws -> [VerificationRow] {
        unsafe try rows(statement, arguments, payloads: nil) { event, reader, row in
            unsafe VerificationRow(
                event: event,
                salt: Array(reader.column(row, 11)),
                leaf: Array(reader.column(row, 12))
            )
        }
    }

    private static func rows<Value>(
        _ statement: Statement,
        _ arguments: StatementArguments,
        payloads: Set<String>?,
        make: (RecordedEvent, EventRowReader, OpaquePointer) throws -> Value
    ) throws -> [Value] {
        var reader = EventRowReader(payloads: payloads)
        var values: [Value] = []
        try statement.setArguments(arguments)
        let row = unsafe statement.sqliteStatement
        defer { unsafe sqlite3_reset(row) }
        while true {
            switch unsafe sqlite3_step(row) {
            case SQLITE_ROW:
                let event = unsafe try reader.event(row)
                values.append(unsafe try make(event, reader, row))
            case SQLITE_DONE:
                return values
            case SQLITE_INTERRUPT:
                // Only GRDB interrupts, when the reading task is cancelled.
                throw CancellationError()
            case let code:
                let message = unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(row)))
                throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
            }
        }
    }

    private mutating func event(_ row: OpaquePointer) throws -> RecordedEvent {
        let position = unsafe integer(row, 0)
        let idBytes = unsafe column(row, 1)
        guard idBytes.count == 16 else {
            throw EventLogError(.damaged, "the event at position \(position) has no id of 16 bytes")
        }
        let id = unsafe EventID(
            high: UInt64(bigEndian: idBytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: idBytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
        let (type, isWanted) = unsafe type(column(row, 4))
        return unsafe RecordedEvent(
            position: position,
            id: id,
            stream: stream.text(of: column(row, 2)),
            revision: integer(row, 3),
            type: type,
            schemaVersion: integer(row, 5),
            recordedAt: Timestamp(microseconds: sqlite3_column_int64(row, 6)),
            actor: actor.text(of: column(row, 7)),
            causation: optionalInteger(row, 8),
            correlation: optionalInteger(row, 9),
            payload: isWanted ? Array(column(row, 10)) : []
        )
    }

    /// There are a few dozen types at most, so a look along the list beats hashing.
    private mutating func type(_ bytes: UnsafeRawBufferPointer) -> (name: String, isWanted: Bool) {
        for known in types where unsafe known.name.matches(bytes) { return (known.name.text, known.isWanted) }
        var name = RepeatedText()
        let text = unsafe name.text(of: bytes)
        types.append((name, payloads?.contains(text) ?? true))
        return (text, types[types.count - 1].isWanted)
    }

    private func integer(_ row: OpaquePointer, _ index: CInt) -> Int {
        Int(unsafe sqlite3_column_int64(row, index))
    }

    private func optionalInteger(_ row: OpaquePointer, _ index: CInt) -> Int? {
        unsafe sqlite3_column_type(row, index) == SQLITE_NULL ? nil : integer(row, index)
    }

    /// The bytes of a text or blob, good until the next step.
    private func column(_ row: OpaquePointer, _ index: CInt) -> UnsafeRawBufferPointer {
        let start = unsafe sqlite3_column_blob(row, index)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(row, index)))
    }
}

/// The last text of a column, kept for as long as the next rows repeat it.
private struct RepeatedText {
    private(set) var text = ""
    private var bytes: [UInt8] = []

    func matches(_ other: UnsafeRawBufferPointer) -> Bool {
        unsafe bytes.count == other.count && bytes.elementsEqual(other)
    }

    mutating func text(of other: UnsafeRawBufferPointer) -> String {
        if unsafe !matches(other) {
            unsafe bytes = Array(other)
            unsafe text = String(decoding: other, as: UTF8.self)
        }
        return text
    }
}
