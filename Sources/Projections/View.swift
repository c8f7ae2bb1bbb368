package import Events
package import GRDB

/// A projector that only builds tables: it folds events, in order, into rows.
package protocol View: Sendable {
    /// Its name in commands, and of its SQL in `migrations/views`.
    var name: String { get }
    /// The tables that it owns.
    var tables: [String] { get }
    /// The revision of what `apply` makes of events: raised when other rows come of the same ones, so that every store
    /// builds the view anew.
    var revision: Int { get }
    /// The types of event whose payload it wants; others come to it with an empty payload.
    var payloadTypes: Set<String> { get }
    /// What it reads of an event without its tables.
    associatedtype Reading: Sendable = Void
    /// Reads an event, while those before it are still being folded; a payload that is not needed again may be dropped.
    func read(_ event: inout RecordedEvent) -> Reading
    /// Forgets what it holds in memory: a page begins, perhaps one that was begun before and rolled back.
    func startPage()
    /// Folds one event. What it throws stops the view there.
    func apply(_ event: RecordedEvent, _ reading: Reading, to database: Database) throws
    /// Folds what is left when a page of events has been applied.
    func finishPage(in database: Database) throws
}

extension View {
    package var revision: Int { 1 }
    package func startPage() {}
    package func finishPage(in database: Database) throws {}
}

extension View where Reading == Void {
    package func read(_ event: inout RecordedEvent) {}
}

/// Events behind a position, with what a view has read of them.
struct ViewPage<Viewer: View>: Sendable {
    let position: Int
    var events: [RecordedEvent] = []
    var readings: [Viewer.Reading] = []

    init(after position: Int) {
        self.position = position
    }
}

/// How far a view has read, and what stopped it.
package struct ViewStatus: Sendable, Equatable {
    package let name: String
    /// The last position that it has folded.
    package let position: Int
    /// The event that it could not fold; nil while it works.
    package let failedPosition: Int?
    package let failure: String?
}

extension ViewStatus {
    /// What commands and the API say of a view.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("name", name)
            $0.set("position", position)
            $0.set("failed_position", failedPosition)
            $0.set("failure", failure)
        }
    }
}
