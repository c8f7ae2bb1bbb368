/// The lines of a text that people write as well, each with the line end that it has.
///
/// In Swift `\r\n` is one character: a text that is split at `\n` alone stays whole.
struct TextLines {
    private var lines: [(text: String, end: String)] = []

    init(_ text: String) {
        var line = ""
        for character in text {
            if character == "\n" || character == "\r\n" {
                lines.append((line, String(character)))
                line = ""
            } else {
                line.append(character)
            }
        }
        if !line.isEmpty { lines.append((line, "")) }
    }

    /// The whole text, as it was where nothing was changed.
    var text: String { lines.map { $0.text + $0.end }.joined() }
    /// The lines without their ends.
    var texts: [String] { lines.map(\.text) }
    var count: Int { lines.count }

    subscript(index: Int) -> String {
        get { lines[index].text }
        set { lines[index].text = newValue }
    }

    /// Puts a line before the one at an index, with such an end as the text has.
    mutating func insert(_ text: String, at index: Int) {
        let end = lines.first { !$0.end.isEmpty }?.end ?? "\n"
        if index == lines.count, let last = lines.last, last.end.isEmpty { lines[index - 1].end = end }
        lines.insert((text, end), at: index)
    }

    mutating func append(_ text: String) { insert(text, at: lines.count) }

    mutating func removeAll(where isGone: (String) -> Bool) { lines.removeAll { isGone($0.text) } }
}
