/// One JSON array read by a hand scan: the text of each element, decoded by nobody yet.
package struct JSONArray: Sendable {
    package let elements: [ArraySlice<UInt8>]

    /// Scans the array that `text` holds; nil when it is not exactly one, or is nested deeper than 64.
    package init?(_ text: [UInt8]) {
        guard let items = JSONScanner.onlyItems(text) else { return nil }
        elements = items
    }
}
