/// Functions that give the same bits on every machine.
///
/// The C library's may differ in the last bit from one system to the next. These use only addition, subtraction,
/// multiplication and division, which IEEE 754 defines to the last bit, in an order that the compiler keeps. They are
/// exact to about 15 digits in the ranges that are told.
package enum StableMath {
    private static let ln2 = 0.693_147_180_559_945_3
    /// 1/21, 1/19 and so on to 1; kept, because a division takes longer than all else in a term.
    private static let inverseOdds: [Double] = stride(from: 21.0, through: 1.0, by: -2.0).map { 1 / $0 }
    /// 1/16!, 1/15! and so on to 1/0!.
    private static let inverseFactorials: [Double] = (0...16).reversed().map { number in
        1 / (0..<number).reduce(1.0) { $0 * Double($1 + 1) }
    }

    /// The sine and cosine of an angle of -360 to 360 degrees.
    package static func sineAndCosine(degrees: Double) -> (sine: Double, cosine: Double) {
        // Quarter turns come off first, so that the series run over at most an eighth.
        let quarter = (degrees / 90).rounded()
        let angle = (degrees - quarter * 90) / 180 * Double.pi
        let square = angle * angle
        var sine = 0.0
        var cosine = 0.0
        for index in stride(from: 11.0, through: 1.0, by: -1.0) {
            sine = (1 - sine) * square / ((2 * index) * (2 * index + 1))
            cosine = (1 - cosine) * square / ((2 * index - 1) * (2 * index))
        }
        let (first, second) = (angle * (1 - sine), 1 - cosine)
        return switch (Int(quarter) % 4 + 4) % 4 {
        case 0: (first, second)
        case 1: (second, -first)
        case 2: (-first, -second)
        default: (-second, first)
        }
    }

    /// The natural logarithm of a positive, normal number.
    package static func logarithm(_ value: Double) -> Double {
        // Taken apart by its bits, which is faster than asking for significand and exponent.
        let bits = value.bitPattern
        var fraction = Double(bitPattern: bits & 0xF_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
        var exponent = Double(Int(bits >> 52) - 1_023)
        if fraction > 1.414_213_562_373_095 {
            (fraction, exponent) = (fraction / 2, exponent + 1)
        }
        // ln x = 2 artanh((x - 1) / (x + 1)), where the argument's square is below 0.03.
        let ratio = (fraction - 1) / (fraction + 1)
        let square = ratio * ratio
        var sum = 0.0
        for factor in inverseOdds { sum = sum * square + factor }
        return 2 * ratio * sum + exponent * ln2
    }

    /// e to the power of -700 to 700; nothing below.
    package static func exponential(_ value: Double) -> Double {
        guard value > -700 else { return 0 }
        precondition(value <= 700, "e to this power is no number")
        let twos = (value / ln2).rounded()
        let rest = value - twos * ln2
        var sum = 0.0
        for factor in inverseFactorials { sum = sum * rest + factor }
        // 2 to the power of `twos`, which is -1,010 to 1,010.
        return sum * Double(bitPattern: UInt64(Int(twos) + 1_023) << 52)
    }

    /// A number of 0 to 1 to a positive power.
    package static func power(_ base: Double, _ exponent: Double) -> Double {
        if base <= 0 { return 0 }
        return exponent == 1 ? base : exponential(exponent * logarithm(base))
    }

    /// The value that a normal variable stays below with probability `share`, which lies between 0 and 1.
    ///
    /// Newton's method on the distribution function from Pólya's estimate; exact to about 12 digits for shares that are
    /// not closer than a millionth to 0 or 1.
    package static func normalQuantile(_ share: Double) -> Double {
        if share < 0.5 { return -normalQuantile(1 - share) }
        let tail = 4 * share * (1 - share)
        var value = (-logarithm(tail) * Double.pi / 2).squareRoot()
        for _ in 0..<20 {
            let density = exponential(-value * value / 2) / (2 * Double.pi).squareRoot()
            let step = (normalDistribution(value, density: density) - share) / density
            value -= step
            if abs(step) < 1e-13 { break }
        }
        return value
    }

    /// The share of a normal variable below a value of 0 to 6: a series of positive terms (Marsaglia, "Evaluating the
    /// normal distribution", Journal of Statistical Software 11, 2004).
    private static func normalDistribution(_ value: Double, density: Double) -> Double {
        var (term, sum, odd) = (value, value, 1.0)
        while term > sum * 1e-17 {
            odd += 2
            term = term * value * value / odd
            sum += term
        }
        return 0.5 + sum * density
    }
}
