import Events

/// An answer as a graph in Graphviz's language (graphviz.org/doc/info/lang.html).
package struct LineageGraph: Sendable {
    private let answer: LineageAnswer

    /// Longer values are cut: the digest of settings says as much as their text.
    private static let longest = 48

    package init(_ answer: LineageAnswer) {
        self.answer = answer
    }

    /// The graph's text: from the sources at the left to the receivers at the right.
    package var text: String {
        var lines = [
            "digraph lineage {",
            "  graph [rankdir=LR, label=\(Self.quoted("\(answer.subject.kind) \(answer.subject.id)"))];",
            "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=10];",
        ]
        for (index, step) in answer.steps.enumerated() {
            lines.append("  n\(index) [label=\(Self.label(step))];")
        }
        for (from, to) in edges { lines.append("  n\(from) -> n\(to);") }
        return (lines + ["}", ""]).joined(separator: "\n")
    }

    /// Pairs of steps, by their indices.
    private var edges: [(Int, Int)] {
        var threads: [LineageThread] = []
        var steps: [LineageThread: [Int]] = [:]
        for (index, step) in answer.steps.enumerated() {
            if steps[step.thread] == nil { threads.append(step.thread) }
            steps[step.thread, default: []].append(index)
        }
        var edges: [(Int, Int)] = []
        for thread in threads {
            let own = steps[thread] ?? []
            edges += zip(own, own.dropFirst()).map { ($0, $1) }
            guard let first = own.first else { continue }
            edges += Self.sources(of: thread, among: threads).compactMap { steps[$0]?.last }.map { ($0, first) }
        }
        return edges
    }

    /// The threads that lead to one: what it is a receipt of, else the nearest that come before it on any way.
    private static func sources(of thread: LineageThread, among threads: [LineageThread]) -> [LineageThread] {
        if case .receipt(_, let subject) = thread {
            return threads.filter { $0 == .commit(subject) || $0 == .object(subject) }
        }
        let before = threads.map(rank).filter { $0 < rank(thread) }.max()
        return threads.filter { rank($0) == before }
    }

    private static func rank(_ thread: LineageThread) -> Int {
        switch thread {
        case .object: 0
        case .sources, .derivation: 1
        case .commit: 2
        case .receipt: 3
        }
    }

    private static func label(_ step: LineageStep) -> String {
        let title = step.position.map { "\(step.kind) #\($0)" } ?? step.kind
        let facts = step.facts.map { fact in
            let value = fact.value.count > longest ? "\(fact.value.prefix(longest))…" : fact.value
            return "\(fact.name): \(value)"
        }
        // Lines end with \l, which puts them at the left.
        let lines = [title] + (step.recordedAt.map { [$0.description] } ?? []) + facts
        return "\"" + lines.map { escaped($0) + "\\l" }.joined() + "\""
    }

    private static func quoted(_ text: String) -> String {
        "\"\(escaped(text))\""
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"": out += "\\\(scalar)"
            case "\u{0}"..<"\u{20}", "\u{7F}": out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
