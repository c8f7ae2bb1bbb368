import Events
import GRDB

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

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
        var reader = EventRowReader(payloads: payloads)
        var events: [RecordedEvent] = []
        try statement.forEachRow(arguments) { events.append(try reader.event($0)) }
        return events
    }

    /// Runs a statement that selects the columns of `EventRow`, then the salt.
    static func saltedEvents(
        _ statement: Statement,
        _ arguments: StatementArguments
    ) throws -> [SaltedEvent] {
        var reader = EventRowReader(payloads: nil)
        var events: [SaltedEvent] = []
        try statement.forEachRow(arguments) { row in
            events.append(SaltedEvent(event: try reader.event(row), salt: unsafe Array(row.bytes(11))))
        }
        return events
    }

    private mutating func event(_ row: StatementRow) throws -> RecordedEvent {
        let (type, isWanted) = unsafe type(row.bytes(4))
        return unsafe RecordedEvent(
            position: row.integer(0),
            id: try row.eventID(1),
            stream: stream.text(of: row.bytes(2)),
            revision: row.integer(3),
            type: type,
            schemaVersion: row.integer(5),
            recordedAt: Timestamp(microseconds: Int64(row.integer(6))),
            actor: actor.text(of: row.bytes(7)),
            causation: row.optionalInteger(8),
            correlation: row.optionalInteger(9),
            payload: isWanted ? Array(row.bytes(10)) : []
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
}

extension StatementRow {
    /// The event id of a row whose first column is the position.
    func eventID(_ index: CInt) throws -> EventID {
        let id = unsafe bytes(index)
        guard id.count == 16 else {
            throw EventLogError(.damaged, "the event at position \(integer(0)) has no id of 16 bytes")
        }
        return unsafe EventID(
            high: UInt64(bigEndian: id.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: id.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }
}

/// The last text of a column, kept for as long as the next rows repeat it.
private struct RepeatedText {
    private(set) var text = ""
    private var bytes: [UInt8] = []

    func matches(_ other: UnsafeRawBufferPointer) -> Bool {
        unsafe bytes.withUnsafeBytes { own in
            guard own.count == other.count else { return false }
            guard let start = own.baseAddress, let otherStart = other.baseAddress else { return true }
            return unsafe memcmp(start, otherStart, own.count) == 0
        }
    }

    mutating func text(of other: UnsafeRawBufferPointer) -> String {
        if unsafe !matches(other) {
            unsafe bytes = Array(other)
            unsafe text = String(decoding: other, as: UTF8.self)
        }
        return text
    }
}
