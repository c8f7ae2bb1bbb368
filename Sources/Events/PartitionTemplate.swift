/// How the partition that a key belongs to is named: text with `{1}`, `{2}` … for the folders of the key and `{bucket}`
/// for the source's folder or bucket.
///
/// `{1}` is the standard. What a key has no folder for is left out; where nothing is left, `{bucket}` stands for it.
package struct PartitionTemplate: Sendable, Equatable {
    package static let standard = PartitionTemplate(text: "{1}", pieces: [.folder(1)])

    private enum Piece: Sendable, Equatable {
        case text(String)
        /// Counted from 1.
        case folder(Int)
        case bucket
    }

    package let text: String
    private let pieces: [Piece]

    private init(text: String, pieces: [Piece]) {
        self.text = text
        self.pieces = pieces
    }

    /// Reads a template; nil for one with a brace that is none of these, without any placeholder, or longer than 200 bytes.
    package init?(_ text: String) {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            let literal = rest.prefix { $0 != "{" }
            guard !literal.contains("}") else { return nil }
            if !literal.isEmpty { pieces.append(.text(String(literal))) }
            rest = rest.dropFirst(literal.count)
            guard !rest.isEmpty else { break }
            guard let end = rest.firstIndex(of: "}") else { return nil }
            let name = rest[rest.startIndex..<end].dropFirst()
            if name == "bucket" {
                pieces.append(.bucket)
            } else if let number = Int(name), (1...99).contains(number), name.allSatisfy(\.isNumber) {
                pieces.append(.folder(number))
            } else {
                return nil
            }
            rest = rest[rest.index(after: end)...]
        }
        let hasPlaceholder = pieces.contains { if case .text = $0 { false } else { true } }
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard hasPlaceholder, isPlain, text.utf8.count <= 200 else { return nil }
        self.init(text: text, pieces: pieces)
    }

    /// What the template makes of a key; empty where its folders leave nothing.
    func filled(bucket: String, folders: [String]) -> String {
        var isAnyThere = false
        let filled = pieces.map { piece in
            switch piece {
            case .text(let text): return text
            case .folder(let number):
                guard number <= folders.count, !folders[number - 1].isEmpty else { return "" }
                isAnyThere = true
                return folders[number - 1]
            case .bucket:
                isAnyThere = true
                return bucket
            }
        }.joined()
        return isAnyThere ? filled : ""
    }
}
