import Imaging

/// Steps with parameters that are set and not drawn, out to the bounds of each.
enum AugmentTrials {
    static var geometry: [AppliedStep] {
        var steps = ["flip-horizontal", "flip-vertical"].map { AppliedStep(name: $0) }
        steps += [1, 2, 3].map { step("rotate-90", ["turns": $0]) }
        steps += [-45, -13.7, -0.4, 0, 3, 29.9, 45].map { step("rotate", ["degrees": $0]) }
        for (scale, x, y) in [(1, 0, 0), (0.1, 0.5, 0.5), (0.37, 0.99, 0.2), (0.5, 0, 1), (0.97, 0.4, 0.6)] {
            steps.append(step("scale-crop", ["scale": scale, "x": x, "y": y]))
        }
        return steps
    }

    static var colour: [AppliedStep] {
        var steps = [-1, -0.3, 0, 0.101, 0.5, 1].map { step("brightness", ["delta": $0]) }
        steps += [0, 0.5, 0.93, 1, 1.4, 10].map { step("contrast", ["factor": $0]) }
        steps += [0.1, 0.6, 1, 1.7, 10].map { step("gamma", ["gamma": $0]) }
        for (hue, saturation, value) in [
            (0.0, 0.0, 0.0), (30, 0, 0), (-180, 0, 0), (0, 0.3, 0), (0, -0.6, 0), (0, 0, 0.2), (-40, 0.2, -0.2),
            (20, -1, 1),
        ] {
            steps.append(step("hue-saturation", ["hue": hue, "saturation": saturation, "value": value]))
        }
        steps += [0.3, 0.8, 1.5, 4, 11, 32].map { step("blur", ["sigma": $0]) }
        for (sigma, seed) in [(0.0, 5.0), (0.02, 1), (0.3, 4_294_967_295), (1, 77)] {
            steps.append(AppliedStep(name: "noise", parameters: ["sigma": [sigma], "seed": [3_000_000_000, seed]]))
        }
        return steps + [[], [0, 0.5, 1]].map(dropout)
    }

    static var jpeg: [AppliedStep] { [20, 75, 100].map { step("jpeg", ["quality": $0]) } }

    private static func step(_ name: String, _ parameters: [String: Double]) -> AppliedStep {
        AppliedStep(name: name, parameters: parameters.mapValues { [$0] })
    }

    private static func dropout(_ places: [Double]) -> AppliedStep {
        AppliedStep(
            name: "dropout",
            parameters: [
                "x": places, "y": places.reversed(), "width": places.map { $0 / 3 },
                "height": places.map { _ in 0.3 }, "fill": [0.5],
            ]
        )
    }
}
