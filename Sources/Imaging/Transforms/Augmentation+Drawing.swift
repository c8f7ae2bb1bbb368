extension Augmentation {
    /// Draws what `AppliedStep` holds, always in the same order.
    func draw(from source: inout DrawSource) -> [String: [Double]] {
        func bounds(_ parameter: String) -> [Double] { parameters[parameter] ?? [] }
        switch kind {
        case .flipHorizontal, .flipVertical:
            return [:]
        case .rotate90:
            return ["turns": [source.choice(of: bounds("turns"))]]
        case .scaleCrop:
            let scale = source.number(in: bounds("scale"))
            return ["scale": [scale], "x": [source.number(in: [0, 1])], "y": [source.number(in: [0, 1])]]
        case .rotate, .brightness, .contrast, .gamma, .hueSaturation, .blur:
            return drawEach(from: &source)
        case .noise:
            let sigma = source.number(in: bounds("sigma"))
            let seed = source.words()
            return ["sigma": [sigma], "seed": [Double(seed.high), Double(seed.low)]]
        case .dropout:
            return drawHoles(from: &source)
        case .jpeg:
            return ["quality": [source.whole(in: bounds("quality"))]]
        }
    }

    private func drawEach(from source: inout DrawSource) -> [String: [Double]] {
        var drawn: [String: [Double]] = [:]
        for rule in kind.rules { drawn[rule.name] = [source.number(in: parameters[rule.name] ?? [])] }
        return drawn
    }

    private func drawHoles(from source: inout DrawSource) -> [String: [Double]] {
        let count = Int(source.whole(in: parameters["holes"] ?? []))
        let size = parameters["size"] ?? []
        var drawn: [String: [Double]] = ["x": [], "y": [], "width": [], "height": []]
        for _ in 0..<count {
            for name in ["width", "height"] { drawn[name]?.append(source.number(in: size)) }
            for name in ["x", "y"] { drawn[name]?.append(source.number(in: [0, 1])) }
        }
        drawn["fill"] = parameters["fill"] ?? [0]
        return drawn
    }
}
