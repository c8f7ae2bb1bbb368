/// A square of noise that repeats without a seam, looked up instead of computed for every pixel.
struct NoiseTile: Sendable {
    private static let side = 512
    private static let mask = side - 1
    private var values: [Float]

    /// Adds octaves of value noise whose lattice periods, powers of two in texels, divide the side.
    init(seed: UInt64, stream: UInt64, periods: [(texels: Int, weight: Double)]) {
        var sums = [Double](repeating: 0, count: Self.side * Self.side)
        for (octave, period) in periods.enumerated() {
            let lattice = Self.side / period.texels
            let noise = CounterNoise(seed: seed, stream: stream &* 64 &+ UInt64(octave))
            let corners = (0..<(lattice * lattice)).map { noise.unit($0) * 2 - 1 }
            for y in 0..<Self.side {
                let row = y / period.texels
                let fy = Self.fade(y, period.texels)
                for x in 0..<Self.side {
                    let column = x / period.texels
                    let fx = Self.fade(x, period.texels)
                    let right = (column + 1) % lattice
                    let below = (row + 1) % lattice
                    let top = corners[row * lattice + column] * (1 - fx) + corners[row * lattice + right] * fx
                    let bottom =
                        corners[below * lattice + column] * (1 - fx) + corners[below * lattice + right] * fx
                    sums[y * Self.side + x] += period.weight * (top * (1 - fy) + bottom * fy)
                }
            }
        }
        values = sums.map { Float($0) }
    }

    private static func fade(_ position: Int, _ period: Int) -> Double {
        let t = Double(position % period) / Double(period)
        return t * t * (3 - 2 * t)
    }

    /// The texel at a position; positions may be negative.
    @inline(__always)
    func nearest(_ x: Double, _ y: Double) -> Float {
        // Truncation is cheap and floor is not; the offset makes every position of a flight positive.
        let column = Int(x + 1_073_741_824) & Self.mask
        let row = Int(y + 1_073_741_824) & Self.mask
        return values[row &* Self.side &+ column]
    }

    /// The bilinear mix of the four texels around a position.
    @inline(__always)
    func bilinear(_ x: Double, _ y: Double) -> Float {
        let shiftedX = x + 1_073_741_824
        let shiftedY = y + 1_073_741_824
        let column = Int(shiftedX)
        let row = Int(shiftedY)
        let fx = Float(shiftedX - Double(column))
        let fy = Float(shiftedY - Double(row))
        let left = column & Self.mask
        let right = (column &+ 1) & Self.mask
        let top = (row & Self.mask) &* Self.side
        let bottom = ((row &+ 1) & Self.mask) &* Self.side
        let upper = values[top &+ left] + (values[top &+ right] - values[top &+ left]) * fx
        let lower = values[bottom &+ left] + (values[bottom &+ right] - values[bottom &+ left]) * fx
        return upper + (lower - upper) * fy
    }
}
