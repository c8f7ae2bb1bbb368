/// A colour in display space, red, green, blue from 0 to 255, and a lane without meaning.
typealias Colour = SIMD4<Float>

/// What grows or lies on a parcel.
enum LandUse: Int, CaseIterable, Sendable {
    case wheat
    case rows
    case soil
    case pasture
    case hay
    case rapeseed
    case wood
    case yard
}

/// One field: two colours, and how they alternate over the ground.
struct Parcel: Sendable {
    let id: Int
    let use: LandUse
    /// The plant or the light side, and what shows between.
    let upper: Colour
    let lower: Colour
    /// The pattern's direction across its rows, divided by the distance of the rows: position · across is the phase.
    let across: SIMD2<Double>
    /// Rows for each wheel track of the machine that tends them; zero for none.
    let rowsPerTrack: Double
    /// How strongly rows, mottle and grain show, 0 to 1.
    let rowContrast: Float
    let mottleContrast: Float
    let grainContrast: Float

    init(id: Int, noise: CounterNoise, direction: SIMD2<Double>) {
        self.id = id
        func random(_ channel: Int) -> Double { noise.unit(id, channel) }
        let use = Self.use(random(0))
        let look = Self.look(use)
        self.use = use
        let tint = Colour(repeating: Float(random(1) * 18 - 9)) + Colour(Float(random(2) * 14 - 7), 0, 0, 0)
        upper = look.upper + tint
        lower = look.lower + tint
        // Most farmers drive along the longer edge, a few across it.
        let along = random(3) < 0.75 ? direction : SIMD2(-direction.y, direction.x)
        across = SIMD2(-along.y, along.x) / look.rowDistance
        rowsPerTrack = look.trackDistance / look.rowDistance
        rowContrast = look.rows * Float(0.7 + 0.5 * random(4))
        mottleContrast = look.mottle
        grainContrast = look.grain
    }

    private static func use(_ random: Double) -> LandUse {
        switch random {
        case ..<0.21: .wheat
        case ..<0.43: .rows
        case ..<0.57: .soil
        case ..<0.71: .pasture
        case ..<0.82: .hay
        case ..<0.87: .rapeseed
        case ..<0.95: .wood
        default: .yard
        }
    }

    private struct Look {
        let upper: Colour
        let lower: Colour
        let rowDistance: Double
        let trackDistance: Double
        let rows: Float
        let mottle: Float
        let grain: Float
    }

    private static func look(_ use: LandUse) -> Look {
        switch use {
        case .wheat:
            Look(
                upper: Colour(196, 176, 122, 0),
                lower: Colour(164, 141, 92, 0),
                rowDistance: 0.9,
                trackDistance: 21.6,
                rows: 0.35,
                mottle: 0.45,
                grain: 0.55
            )
        case .rows:
            Look(
                upper: Colour(84, 112, 58, 0),
                lower: Colour(134, 112, 84, 0),
                rowDistance: 0.75,
                trackDistance: 18,
                rows: 0.75,
                mottle: 0.5,
                grain: 0.5
            )
        case .soil:
            Look(
                upper: Colour(152, 126, 98, 0),
                lower: Colour(118, 94, 72, 0),
                rowDistance: 1.6,
                trackDistance: 0,
                rows: 0.3,
                mottle: 0.6,
                grain: 0.65
            )
        case .pasture:
            Look(
                upper: Colour(106, 126, 68, 0),
                lower: Colour(128, 128, 84, 0),
                rowDistance: 3,
                trackDistance: 0,
                rows: 0,
                mottle: 0.9,
                grain: 0.5
            )
        case .hay:
            Look(
                upper: Colour(132, 146, 86, 0),
                lower: Colour(112, 132, 72, 0),
                rowDistance: 5.6,
                trackDistance: 0,
                rows: 0.8,
                mottle: 0.4,
                grain: 0.45
            )
        case .rapeseed:
            Look(
                upper: Colour(172, 172, 70, 0),
                lower: Colour(120, 136, 60, 0),
                rowDistance: 0.6,
                trackDistance: 21.6,
                rows: 0.2,
                mottle: 0.7,
                grain: 0.6
            )
        case .wood:
            Look(
                upper: Colour(58, 72, 40, 0),
                lower: Colour(44, 54, 34, 0),
                rowDistance: 3,
                trackDistance: 0,
                rows: 0,
                mottle: 0.7,
                grain: 0.6
            )
        case .yard:
            Look(
                upper: Colour(150, 144, 130, 0),
                lower: Colour(112, 122, 82, 0),
                rowDistance: 3,
                trackDistance: 0,
                rows: 0,
                mottle: 1.3,
                grain: 0.4
            )
        }
    }
}
