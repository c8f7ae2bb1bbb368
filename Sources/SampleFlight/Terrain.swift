/// One continuous piece of farmland without end, the same for every frame of a flight.
///
/// The land is laid out on a plane of "survey" coordinates u and v, in metres, which a slow noise bends a little, so
/// that no boundary is quite straight. Strips of parcels lie between lines of constant v; every third line is a road,
/// the others are farm tracks; a river winds along v. All of it is a function of place and seed.
struct Terrain: Sendable {
    /// What varies slowly from place to place and may be interpolated between points a few pixels apart.
    struct Slow: Sendable {
        var u: Double
        var v: Double
        /// Metres to the middle of the river.
        var river: Double
        /// Light by the slope of the land, around zero.
        var shade: Double
        /// Dry or lush ground, from -1 to 1.
        var patches: Double
    }

    /// Which parcel a point is on and how far its boundaries are.
    struct Place: Sendable {
        var parcel: Int
        /// Metres to the line between two strips of parcels, with its number.
        var line: Double
        var lineNumber: Int
        /// Metres to the boundary with the next parcel of the strip.
        var boundary: Double
    }

    static let stripHeight = 118.0
    static let parcelWidth = 164.0
    static let riverSpacing = 1_150.0
    static let riverHalfWidth = 6.5

    let seed: UInt64
    let parcels: CounterNoise
    private let bend: CounterNoise
    private let relief: CounterNoise
    private let meander: CounterNoise
    private let layout: CounterNoise

    init(seed: UInt64) {
        self.seed = seed
        bend = CounterNoise(seed: seed, stream: 1)
        relief = CounterNoise(seed: seed, stream: 2)
        meander = CounterNoise(seed: seed, stream: 3)
        layout = CounterNoise(seed: seed, stream: 4)
        parcels = CounterNoise(seed: seed, stream: 5)
    }

    /// The slow layers at metres east and north of the origin.
    func slow(_ east: Double, _ north: Double) -> Slow {
        let u = east + 11 * bend.fractal(east / 420, north / 420, octaves: 2)
        let v = north + 11 * bend.fractal(east / 420 + 51.7, north / 420 - 23.3, octaves: 2)
        let course = 34 * meander.smooth(v / 190, 0.5) + 12 * meander.smooth(v / 61, 7.5) + 95
        var river = (u - course).truncatingRemainder(dividingBy: Self.riverSpacing)
        if river > Self.riverSpacing / 2 { river -= Self.riverSpacing }
        if river < -Self.riverSpacing / 2 { river += Self.riverSpacing }
        let step = 6.0
        let here = relief.fractal(east / 160, north / 160, octaves: 3)
        let towardsSun = relief.fractal((east + step) / 160, (north - step) / 160, octaves: 3)
        let shade = (here - towardsSun) * 1.2 + 0.10 * relief.fractal(east / 47 + 91, north / 47, octaves: 3)
        let patches =
            0.45 * relief.fractal(east / 17 + 5.5, north / 17, octaves: 2)
            + 0.55 * relief.fractal(east / 71, north / 71 + 3.5, octaves: 2)
        return Slow(u: u, v: v, river: river, shade: shade, patches: patches)
    }

    /// The parcel under a point of the survey plane.
    @inline(__always)
    func place(_ u: Double, _ v: Double) -> Place {
        let strip = Int((v / Self.stripHeight + 65_536)) - 65_536
        let below = v - Double(strip) * Self.stripHeight
        let isNearerToNext = below > Self.stripHeight / 2
        let shifted = u + layout.unit(strip, 0) * Self.parcelWidth
        let column = Int(shifted / Self.parcelWidth + 65_536) - 65_536
        let left = shifted - Double(column) * Self.parcelWidth
        var boundary = min(left, Self.parcelWidth - left)
        var part = 0
        let shape = layout.bits(strip, column &+ 1_000_000)
        let cut = 0.3 + 0.4 * Double(shape >> 40 & 0xFFFF) / 65_536
        switch shape & 7 {
        case 0, 1, 2:
            let distance = left - cut * Self.parcelWidth
            part = distance < 0 ? 0 : 1
            boundary = min(boundary, abs(distance))
        case 3, 4:
            let distance = below - cut * Self.stripHeight
            part = distance < 0 ? 0 : 1
            boundary = min(boundary, abs(distance))
        default: break
        }
        return Place(
            parcel: (strip &* 65_536 &+ column) &* 2 &+ part,
            line: isNearerToNext ? Self.stripHeight - below : below,
            lineNumber: isNearerToNext ? strip + 1 : strip,
            boundary: boundary
        )
    }

    /// The middle of a parcel on the survey plane.
    func middle(ofParcel number: Int) -> SIMD2<Double> {
        let cell = number >> 1
        let column = Int(Int16(truncatingIfNeeded: cell))
        let strip = (cell - column) >> 16
        let shape = layout.bits(strip, column &+ 1_000_000)
        let cut = 0.3 + 0.4 * Double(shape >> 40 & 0xFFFF) / 65_536
        let isSecond = number & 1 == 1
        var middle = SIMD2(0.5, 0.5)
        switch shape & 7 {
        case 0, 1, 2: middle.x = isSecond ? (1 + cut) / 2 : cut / 2
        case 3, 4: middle.y = isSecond ? (1 + cut) / 2 : cut / 2
        default: break
        }
        return SIMD2(
            (Double(column) + middle.x) * Self.parcelWidth - layout.unit(strip, 0) * Self.parcelWidth,
            (Double(strip) + middle.y) * Self.stripHeight
        )
    }

    static func isRoad(_ lineNumber: Int) -> Bool { lineNumber.isMultiple(of: 3) }

    /// Where a point of the survey plane is on the ground: the bend is slow, so a few steps find it.
    func ground(_ u: Double, _ v: Double) -> SIMD2<Double> {
        var point = SIMD2(u, v)
        for _ in 0..<4 {
            let there = slow(point.x, point.y)
            point += SIMD2(u - there.u, v - there.v)
        }
        return point
    }
}
