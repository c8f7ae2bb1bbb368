extension SettingText {
    /// `none`, or a method with its numbers and where they are measured: `percentile:2,98@image`.
    static func normalisation(_ text: String) throws(ImagingError) -> Normalisation {
        if text == "none" { return .none }
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let scope = halves.count == 1 ? Normalisation.Scope.tile : Normalisation.Scope(rawValue: String(halves[1]))
        let numbers = parts.count == 2 ? lists(parts[1], separator: "/") : []
        if let scope, let numbers {
            switch (String(parts[0]), numbers.count, numbers.map(\.count)) {
            case ("min-max", 0, _): return .minMax(scope: scope)
            case ("percentile", 1, [2]): return .percentile(low: numbers[0][0], high: numbers[0][1], scope: scope)
            case ("mean-std", 2, _) where halves.count == 1: return .meanStd(mean: numbers[0], std: numbers[1])
            default: break
            }
        }
        throw wrong(
            .normalise,
            "none, min-max, percentile:LOW,HIGH (both also with @tile or @image) or mean-std:MEAN,…/STD,…",
            text
        )
    }

    static func text(_ normalisation: Normalisation) -> String {
        switch normalisation {
        case .none: "none"
        case .minMax(let scope): "min-max@\(scope.rawValue)"
        case .percentile(let low, let high, let scope): "percentile:\(list([low, high]))@\(scope.rawValue)"
        case .meanStd(let mean, let std): "mean-std:\(list(mean))/\(list(std))"
        }
    }

    /// `none`, or steps with their numbers: `flip-horizontal p=0.5; brightness p=0.5 delta=-0.2,0.2`.
    static func augmentation(_ text: String) throws(ImagingError) -> [Augmentation] {
        if text == "none" { return [] }
        var steps: [Augmentation] = []
        for part in text.split(separator: ";") {
            let words = part.split(separator: " ")
            guard let name = words.first else { continue }
            var parameters: [String: [Double]] = [:]
            var probability = 1.0
            for word in words.dropFirst() {
                let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, let numbers = numbers(sides[1]), !numbers.isEmpty,
                    parameters[String(sides[0])] == nil
                else {
                    throw wrong(.augment, "steps such as `rotate p=0.5 degrees=-10..10; flip-vertical`", String(word))
                }
                if sides[0] == "p", numbers.count == 1 {
                    probability = numbers[0]
                } else {
                    parameters[String(sides[0])] = numbers
                }
            }
            steps.append(try Augmentation(name: String(name), probability: probability, parameters: parameters))
        }
        return steps
    }

    static func text(_ steps: [Augmentation]) -> String {
        guard !steps.isEmpty else { return "none" }
        return steps.map { step in
            let parameters = step.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(list($0.value))" }
            return ([step.name, "p=\(text(step.probability))"] + parameters).joined(separator: " ")
        }.joined(separator: "; ")
    }

    /// `A,B,C`, or `A..B` for a range.
    private static func numbers(_ text: Substring) -> [Double]? {
        if let dots = text.firstRange(of: "..") {
            guard let low = decimal(text[..<dots.lowerBound]), let high = decimal(text[dots.upperBound...]) else {
                return nil
            }
            return [low, high]
        }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { decimal($0) }
        return numbers.contains { $0 == nil } ? nil : numbers.compactMap { $0 }
    }

    private static func lists(_ text: Substring, separator: Character) -> [[Double]]? {
        let lists = text.split(separator: separator, omittingEmptySubsequences: false).map { numbers($0) }
        return lists.contains { $0 == nil } ? nil : lists.compactMap { $0 }
    }

    private static func list(_ numbers: [Double]) -> String { numbers.map(text).joined(separator: ",") }
}
