/// The file of parameters as DVC reads it: what each partition's newest version was made by, in a section of its own, so that
/// `dvc params diff` tells of each commit what it changed.
struct ParamsFile {
    /// Where DVC looks for parameters by itself.
    static let standard = "params.yaml"
    /// In a repository that is a person's, whose own parameters are there: `dvc params diff --targets` names it.
    static let joined = "swathlog-params.yaml"

    private static let head = "recipe:"
    private var sections: [String: String] = [:]

    /// Reads what `text` wrote; of any other text, as of a file that has one section for all partitions, nothing is kept.
    init(_ text: String) {
        var partition: String?
        for line in text.utf8.split(separator: UInt8(ascii: "\n")).map({ Substring($0) }) {
            if line.hasPrefix("    ") {
                if let partition { sections[partition, default: ""] += "\(line)\n" }
            } else {
                let isSection = line.hasPrefix("  ") && line.hasSuffix(":")
                partition = isSection ? YAMLScalar.value(line.dropFirst(2).dropLast()) : nil
            }
        }
    }

    /// A partition's section; nil for none.
    subscript(partition: String) -> String? {
        get { sections[partition] }
        set { sections[partition] = newValue }
    }

    /// The section of values, sorted by their names; whole numbers are numbers in it.
    static func section(_ values: [String: String]) -> String {
        values.sorted { $0.key.precedesInBytes($1.key) }.map { key, value in
            let isNumber = Int(value).map(String.init) == value
            return "    \(key): \(isNumber ? value : YAMLScalar.text(value))\n"
        }.joined()
    }

    var text: String {
        let sorted = sections.sorted { $0.key.precedesInBytes($1.key) }
        return Self.head + "\n" + sorted.map { "  \(YAMLScalar.text($0.key)):\n\($0.value)" }.joined()
    }
}
