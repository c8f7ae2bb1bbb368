/// A file of parameters as DVC reads them: `dvc params diff` tells how two versions of it differ.
package enum ParamsFile {
    /// Where DVC looks for parameters by itself.
    package static let standard = "params.yaml"
    /// In a repository that is a person's, whose own parameters are there: `dvc params diff --targets` names it.
    package static let joined = "swathlog-params.yaml"

    /// The text for one map of values, sorted by their names; whole numbers are numbers in it.
    package static func text(_ section: String, _ values: [String: String]) -> String {
        var text = "\(section):\n"
        for (key, value) in values.sorted(by: { $0.key.precedesInBytes($1.key) }) {
            let isNumber = Int(value).map(String.init) == value
            text += "  \(key): \(isNumber ? value : YAMLScalar.text(value))\n"
        }
        return text
    }
}
