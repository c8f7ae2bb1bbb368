/// One step of a recipe: what may be done to a tile, how often, and within which bounds.
package struct Augmentation: Sendable, Equatable {
    /// One of `names`.
    package let name: String
    /// 0 (never) to 1 (always).
    package let probability: Double
    /// All parameters of the step, those that were left out with their defaults.
    package let parameters: [String: [Double]]

    let kind: AugmentationKind

    /// The names of all steps.
    package static let names = AugmentationKind.allCases.map(\.rawValue)

    /// Throws `invalidSettings` with what is allowed where a name, a number or a parameter is not.
    package init(
        name: String,
        probability: Double,
        parameters: [String: [Double]] = [:]
    ) throws(ImagingError) {
        guard let kind = AugmentationKind(rawValue: name) else {
            throw ImagingError(
                .invalidSettings,
                "there is no augmentation \"\(name)\"; there are \(Self.names.joined(separator: ", "))"
            )
        }
        guard probability >= 0, probability <= 1 else {
            throw ImagingError(
                .invalidSettings,
                "\(name): probability \(probability) is not between 0 and 1"
            )
        }
        for parameter in parameters.keys.sorted() where !kind.rules.contains(where: { $0.name == parameter }) {
            let known = kind.rules.map(\.name).joined(separator: ", ")
            throw ImagingError(
                .invalidSettings,
                "\(name): there is no parameter \"\(parameter)\"; "
                    + (known.isEmpty ? "this step takes none" : "there are \(known)")
            )
        }
        var complete: [String: [Double]] = [:]
        for rule in kind.rules { complete[rule.name] = try rule.values(from: parameters, of: name) }
        self.name = name
        self.probability = probability
        self.parameters = complete
        self.kind = kind
    }
}
