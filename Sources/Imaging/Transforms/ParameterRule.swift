/// What the numbers of one parameter may be.
struct ParameterRule: Sendable {
    enum Form {
        /// Least and greatest.
        case range
        /// Any of several.
        case choice
        /// Just one.
        case value
    }

    let name: String
    let form: Form
    let bounds: ClosedRange<Double>
    let isWhole: Bool
    /// What counts where the parameter is left out; nil where it must be given.
    let standard: [Double]?

    init(
        _ name: String,
        _ form: Form,
        _ bounds: ClosedRange<Double>,
        isWhole: Bool = false,
        default standard: [Double]? = nil
    ) {
        self.name = name
        self.form = form
        self.bounds = bounds
        self.isWhole = isWhole
        self.standard = standard
    }

    /// The parameter's numbers or its default; throws what would be right.
    func values(from parameters: [String: [Double]], of step: String) throws(ImagingError) -> [Double] {
        guard let values = parameters[name] ?? standard else {
            throw ImagingError(.invalidSettings, "\(step): \(name) is missing; \(demand)")
        }
        let fits =
            switch form {
            case .range: values.count == 2 && values[0] <= values[1]
            case .choice: !values.isEmpty && Set(values).count == values.count
            case .value: values.count == 1
            }
        guard fits, values.allSatisfy({ bounds.contains($0) && (!isWhole || $0 == $0.rounded()) }) else {
            throw ImagingError(.invalidSettings, "\(step): \(name) \(values) cannot be; \(demand)")
        }
        return values
    }

    private var demand: String {
        let kind = isWhole ? "whole numbers" : "numbers"
        let place = "between \(Self.text(bounds.lowerBound)) and \(Self.text(bounds.upperBound))"
        return switch form {
        case .range: "give [least, greatest], \(kind) \(place)"
        case .choice: "give one or more different \(kind) \(place)"
        case .value: "give one number \(place)"
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}
