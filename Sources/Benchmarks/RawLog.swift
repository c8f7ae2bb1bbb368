import Events
import Foundation
import GRDBSQLite

/// The same rows written through SQLite's C API and nothing else: no tree, no triggers, no check of anything.
struct RawLog {
    private let path: String
    private let isFull: Bool

    init(path: String, isFull: Bool) {
        self.path = path
        self.isFull = isFull
    }

    /// Appends batches, each in a transaction.
    func append(_ batches: [[ProposedEvent]]) throws {
        var handle: OpaquePointer?
        guard sqlite3_open(path, &handle) == SQLITE_OK, let handle else { throw RawLogError("can't open \(path)") }
        defer { sqlite3_close(handle) }
        try run(
            handle,
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = \(isFull ? "FULL" : "NORMAL");
            PRAGMA wal_autocheckpoint = 4000;
            CREATE TABLE events (
                position INTEGER PRIMARY KEY, event_id BLOB NOT NULL UNIQUE, stream TEXT NOT NULL,
                revision INTEGER NOT NULL, type TEXT NOT NULL, schema_version INTEGER NOT NULL,
                recorded_at INTEGER NOT NULL, actor TEXT NOT NULL, causation INTEGER, correlation INTEGER,
                salt BLOB NOT NULL, payload TEXT NOT NULL, leaf BLOB NOT NULL, UNIQUE (stream, revision)
            ) STRICT
            """
        )
        var insert: OpaquePointer?
        let sql = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?, ?)"
        guard sqlite3_prepare_v2(handle, sql, -1, &insert, nil) == SQLITE_OK, let insert else {
            throw RawLogError(String(cString: sqlite3_errmsg(handle)))
        }
        defer { sqlite3_finalize(insert) }
        var position = 0
        var revisions: [String: Int] = [:]
        var random = SplitMix(state: 1)
        for batch in batches {
            try run(handle, "BEGIN IMMEDIATE")
            for event in batch {
                position += 1
                // A few events a millisecond, as in a log that is written at full speed: their ids begin alike.
                let time = Timestamp(microseconds: 1_772_000_000_000_000 + Int64(position) * 16)
                revisions[event.stream, default: 0] += 1
                sqlite3_bind_int64(insert, 1, Int64(position))
                bind(insert, 2, blob: EventID(at: time, using: &random).bytes)
                bind(insert, 3, text: Array(event.stream.utf8))
                sqlite3_bind_int64(insert, 4, Int64(revisions[event.stream] ?? 0))
                bind(insert, 5, text: Array(event.type.utf8))
                sqlite3_bind_int64(insert, 6, Int64(event.schemaVersion))
                sqlite3_bind_int64(insert, 7, time.microseconds)
                bind(insert, 8, text: Array("bench".utf8))
                bind(insert, 9, blob: [UInt8](repeating: 7, count: 16))
                bind(insert, 10, text: event.payload)
                bind(insert, 11, blob: [UInt8](repeating: 7, count: 32))
                guard sqlite3_step(insert) == SQLITE_DONE else {
                    throw RawLogError(String(cString: sqlite3_errmsg(handle)))
                }
                sqlite3_reset(insert)
            }
            try run(handle, "COMMIT")
        }
    }

    private func run(_ handle: OpaquePointer, _ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw RawLogError(String(cString: sqlite3_errmsg(handle)))
        }
    }

    /// SQLite's word for "copy it".
    private var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private func bind(_ statement: OpaquePointer, _ index: CInt, text: [UInt8]) {
        text.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                _ = sqlite3_bind_text(statement, index, $0.baseAddress, CInt($0.count), copied)
            }
        }
    }

    private func bind(_ statement: OpaquePointer, _ index: CInt, blob: [UInt8]) {
        blob.withUnsafeBytes { _ = sqlite3_bind_blob(statement, index, $0.baseAddress, CInt($0.count), copied) }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): ids that cost nothing to draw.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

struct RawLogError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
