import GRDB

/// A part of a list, and where the next one begins.
package struct Page<Item: Sendable, Cursor: Sendable>: Sendable {
    package let items: [Item]
    /// What to ask for the next part with; nil when this was the last.
    package let next: Cursor?

    package init(items: [Item], next: Cursor?) {
        self.items = items
        self.next = next
    }

    package func map<Other: Sendable>(_ make: (Item) throws -> Other) rethrows -> Page<Other, Cursor> {
        Page<Other, Cursor>(items: try items.map(make), next: next)
    }
}

extension Page {
    /// The most rows that are looked at for one part: a filter that fits little costs no more than this, and the part is
    /// short or empty with a next one after it.
    package static var scanLimit: Int { 20_000 }

    /// Goes through rows until enough of them fit.
    ///
    /// - Parameters:
    ///   - read: what a row says, and its place in the list; nil for one that does not fit.
    static func gather(
        _ rows: RowCursor,
        limit: Int,
        place: (Row) -> Cursor,
        read: (Row) throws -> Item?
    ) throws -> Page {
        var items: [Item] = []
        var (seen, last): (Int, Cursor?) = (0, nil)
        while let row = try rows.next() {
            // One more row than wanted is what tells that there is a next part.
            if items.count == limit || seen == scanLimit { return Page(items: items, next: last) }
            seen += 1
            last = place(row)
            if let item = try read(row) { items.append(item) }
        }
        return Page(items: items, next: nil)
    }
}
