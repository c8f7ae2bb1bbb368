/// What stands on the terrain, found for any cell without looking at others.
struct Standing: Sendable {
    /// The distance of the lattice that trees stand on, about.
    static let spacing = 4.4
    /// From a tree's lattice point to the end of its shadow.
    static let reach = 16.0

    let terrain: Terrain
    private let noise: CounterNoise

    init(_ terrain: Terrain) {
        self.terrain = terrain
        noise = CounterNoise(seed: terrain.seed, stream: 6)
    }

    /// The tree of a lattice cell, if one grows there.
    func tree(_ column: Int, _ row: Int, parcelOf: (Int) -> Parcel) -> Tree? {
        let bits = noise.bits(column, row)
        func random(_ shift: UInt64) -> Double { Double(bits >> shift & 0xFFF) / 4_096 }
        let centre = SIMD2(
            (Double(column) + 0.15 + 0.7 * random(0)) * Self.spacing,
            (Double(row) + 0.15 + 0.7 * random(12)) * Self.spacing
        )
        let slow = terrain.slow(centre.x, centre.y)
        let place = terrain.place(slow.u, slow.v)
        guard random(24) < density(slow, place, parcelOf(place.parcel).use) else { return nil }
        let radius = 1.7 + 2.5 * random(36) * (0.4 + 0.6 * random(48))
        let tint = Float(random(48)) * 26 - 13
        let autumn = random(30) > 0.93 ? Colour(30, 12, -6, 0) : Colour(0, 0, 0, 0)
        return Tree(
            centre: centre,
            radius: radius,
            height: radius * (1.4 + random(40)),
            colour: Colour(76, 98, 50, 0) + Colour(tint * 0.9, tint, tint * 0.5, 0) + autumn
        )
    }

    private func density(_ slow: Terrain.Slow, _ place: Terrain.Place, _ use: LandUse) -> Double {
        let river = abs(slow.river)
        if river < Terrain.riverHalfWidth + 1.5 { return 0 }
        if Terrain.isRoad(place.lineNumber) {
            if place.line < 5.5 { return 0 }
            // An avenue of trees on one stretch in two.
            if place.line < 8.5 {
                return noise.unit(place.lineNumber, Int(slow.u / 240 + 4_096)) < 0.5 ? 0.55 : 0.02
            }
        } else if place.line < 2.6 {
            return 0
        }
        if use == .wood { return place.boundary < 2 ? 0.4 : 0.97 }
        if river < Terrain.riverHalfWidth + 11 { return 0.42 }
        let isHedge = noise.unit(place.parcel, 3) < 0.4
        if isHedge, place.boundary < 2 || (3...6).contains(place.line) && !Terrain.isRoad(place.lineNumber) {
            return 0.75
        }
        switch use {
        case .pasture: return 0.010
        case .yard: return place.boundary < 9 || place.line < 14 ? 0.5 : 0.06
        default: return 0
        }
    }

    /// The buildings of a yard, with room between them.
    func buildings(on parcel: Parcel) -> [Building] {
        guard parcel.use == .yard else { return [] }
        let roofs = [
            Colour(150, 92, 74, 0), Colour(128, 124, 122, 0), Colour(168, 164, 158, 0),
            Colour(104, 78, 66, 0),
        ]
        let middle = terrain.middle(ofParcel: parcel.id)
        return (0..<6).compactMap { index in
            func random(_ channel: Int) -> Double { noise.unit(parcel.id, 16 + index * 8 + channel) }
            let slot = SIMD2(Double(index % 3) - 1, Double(index / 3) - 0.5)
            let place = middle + slot * SIMD2(29, 30) + SIMD2(random(0) - 0.5, random(1) - 0.5) * 6
            let centre = terrain.ground(place.x, place.y)
            let slow = terrain.slow(centre.x, centre.y)
            let surroundings = terrain.place(slow.u, slow.v)
            guard surroundings.parcel == parcel.id, surroundings.boundary > 12, surroundings.line > 16,
                abs(slow.river) > Terrain.riverHalfWidth + 22
            else { return nil }
            let along = terrain.ground(place.x + 10, place.y) - centre
            let unit = along / (along * along).sum().squareRoot()
            return Building(
                centre: centre,
                ridge: random(2) < 0.4 ? SIMD2(-unit.y, unit.x) : unit,
                halfLength: 5 + 6 * random(3),
                halfWidth: 4 + 2.4 * random(4),
                height: 4 + 3 * random(5),
                colour: roofs[Int(random(6) * 4) & 3]
            )
        }
    }
}
