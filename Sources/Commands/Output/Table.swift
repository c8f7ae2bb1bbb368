/// Rows of text, aligned in columns.
struct Table {
    private var rows: [[String]] = []
    private let rightAligned: Set<Int>

    /// - Parameter rightAligned: the columns of numbers.
    init(rightAligned: Set<Int> = []) {
        self.rightAligned = rightAligned
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    var isEmpty: Bool { rows.isEmpty }

    /// The lines, two spaces before each and between columns; control characters are made visible.
    var text: String {
        let shown = rows.map { $0.map(\.visible) }
        let widths = shown.reduce(into: [Int]()) { widths, row in
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.count)
            }
        }
        return shown.map { row in
            let cells = row.enumerated().map { index, cell in
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                if rightAligned.contains(index) { return padding + cell }
                return index == row.count - 1 ? cell : cell + padding
            }
            var line = "  " + cells.joined(separator: "  ")
            // Cells at its end may be empty.
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
