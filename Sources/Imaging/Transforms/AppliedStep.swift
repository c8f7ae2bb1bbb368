/// What was drawn for one step of one tile: enough to do it again exactly, without the recipe or the generator.
///
/// Parameters by step: rotate-90 `turns`; rotate `degrees`; scale-crop `scale` and the shares `x` and `y` of the room
/// that is left of and above the window; brightness `delta`; contrast `factor`; gamma `gamma`; hue-saturation `hue`,
/// `saturation`, `value`; blur `sigma`; noise `sigma` and `seed`, two whole numbers below 2^32; dropout `fill` and, hole
/// by hole, `x`, `y`, `width`, `height`; jpeg `quality`; the flips none.
package struct AppliedStep: Sendable, Equatable {
    package let name: String
    package let parameters: [String: [Double]]

    package init(name: String, parameters: [String: [Double]] = [:]) {
        self.name = name
        self.parameters = parameters
    }

    /// The one number of a parameter.
    func number(_ parameter: String, in bounds: ClosedRange<Double>) throws(ImagingError) -> Double {
        try numbers(parameter, in: bounds, count: 1...1)[0]
    }

    /// The one number of a parameter, which has to be whole.
    func whole(_ parameter: String, in bounds: ClosedRange<Double>) throws(ImagingError) -> Int {
        let number = try number(parameter, in: bounds)
        guard let whole = Int(exactly: number) else {
            throw ImagingError(.invalidSettings, "\(name): \(parameter) \(number) is not a whole number")
        }
        return whole
    }

    /// The numbers of a parameter, which come from a log and are not believed.
    func numbers(
        _ parameter: String,
        in bounds: ClosedRange<Double>,
        count: ClosedRange<Int>
    ) throws(ImagingError) -> [Double] {
        guard let values = parameters[parameter], count.contains(values.count),
            values.allSatisfy({ bounds.contains($0) })
        else {
            throw ImagingError(
                .invalidSettings,
                "\(name): what was drawn for \(parameter), \(parameters[parameter] ?? []), cannot be; "
                    + "give numbers from \(bounds.lowerBound) to \(bounds.upperBound)"
            )
        }
        return values
    }
}
