/// Random numbers that are a function of where they are used, never of when.
///
/// The mixing steps are the 64-bit finaliser of SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number
/// Generators, OOPSLA 2014). Because nothing is drawn in sequence, any thread may compute any part of the flight.
struct CounterNoise: Sendable {
    private let key: UInt64

    init(seed: UInt64, stream: UInt64) {
        key = Self.mix(seed &+ Self.mix(stream &+ 0x9E37_79B9_7F4A_7C15))
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 64 random bits for one counter.
    @inline(__always)
    func bits(_ counter: Int) -> UInt64 {
        Self.mix(key &+ UInt64(bitPattern: Int64(counter)) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// 64 random bits for a point of a lattice.
    @inline(__always)
    func bits(_ x: Int, _ y: Int) -> UInt64 {
        let row = UInt64(bitPattern: Int64(y)) &* 0xC2B2_AE3D_27D4_EB4F
        return Self.mix(key &+ UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15 ^ row)
    }

    /// A number from 0 up to 1 for a counter.
    func unit(_ counter: Int) -> Double { Double(bits(counter) >> 11) * 0x1p-53 }

    /// A number from 0 up to 1 for a point of a lattice.
    func unit(_ x: Int, _ y: Int) -> Double { Double(bits(x, y) >> 11) * 0x1p-53 }

    /// Value noise from -1 to 1: random lattice values with smooth steps between them, one unit apart.
    func smooth(_ x: Double, _ y: Double) -> Double {
        let column = Int(x.rounded(.down))
        let row = Int(y.rounded(.down))
        let fx = Self.fade(x - Double(column))
        let fy = Self.fade(y - Double(row))
        let top = unit(column, row) * (1 - fx) + unit(column + 1, row) * fx
        let bottom = unit(column, row + 1) * (1 - fx) + unit(column + 1, row + 1) * fx
        return (top * (1 - fy) + bottom * fy) * 2 - 1
    }

    /// Several octaves of ``smooth(_:_:)``, each twice as fine and half as strong as the one before.
    func fractal(_ x: Double, _ y: Double, octaves: Int) -> Double {
        var sum = 0.0
        var weight = 0.5
        var scale = 1.0
        for octave in 0..<octaves {
            sum += weight * smooth(x * scale + Double(octave) * 17.3, y * scale - Double(octave) * 9.1)
            weight /= 2
            scale *= 2
        }
        return sum
    }

    private static func fade(_ t: Double) -> Double { t * t * (3 - 2 * t) }
}
