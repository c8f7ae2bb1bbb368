/// Colours one point of the ground: fields, and what lies between them.
struct GroundPainter {
    /// What the painter needs to know about a point besides its place.
    struct Point {
        var u: Double
        var v: Double
        var river: Double
        var grain: Float
        var mottle: Float
    }

    let scene: Scene
    /// Metres from pixel to pixel.
    let resolution: Double

    private static let verge = (light: Colour(122, 132, 80, 0), dark: Colour(88, 104, 58, 0))
    private static let asphalt = Colour(116, 116, 118, 0)
    private static let gravel = Colour(172, 160, 138, 0)
    private static let bank = Colour(158, 146, 116, 0)
    private static let water = (deep: Colour(42, 56, 54, 0), shallow: Colour(82, 92, 74, 0))
    private static let paint = Colour(216, 214, 206, 0)

    /// A field's own surface, wherever it is.
    @inline(__always)
    func field(_ parcel: Parcel, _ point: Point) -> Colour {
        let phase = point.u * parcel.across.x + point.v * parcel.across.y + 1_048_576
        let row = scene.rowProfile[Int(phase * 256) & 255]
        let wave = parcel.rowContrast * row * (1 + point.mottle)
        let mix = 0.5 + 0.5 * wave + parcel.mottleContrast * point.mottle + parcel.grainContrast * point.grain
        var colour = Self.blend(parcel.lower, parcel.upper, min(max(mix, 0), 1))
        if parcel.rowsPerTrack > 0 {
            let position = phase / parcel.rowsPerTrack
            let fraction = position - Double(Int(position))
            let distance = abs(abs(fraction - 0.5) * 20 - 0.9)
            if distance < 0.28 { colour = Self.blend(colour, parcel.lower * 0.82, 0.75) }
        }
        return colour * (1 + 0.5 * parcel.grainContrast * point.grain)
    }

    /// The ground at a place where a boundary, road or river may be near.
    func mixed(_ parcel: Parcel, _ place: Terrain.Place, _ point: Point) -> Colour {
        var colour = field(parcel, point)
        let rough = Self.blend(
            Self.verge.dark,
            Self.verge.light,
            min(max(0.5 + point.mottle + 0.6 * point.grain, 0), 1)
        )
        let ragged = 0.5 * Double(point.mottle) + 0.2 * Double(point.grain)
        colour = Self.blend(colour, rough, cover(place.boundary + ragged, 0.9))
        let isRoad = Terrain.isRoad(place.lineNumber)
        if !isRoad { colour = track(colour, rough, place, point, ragged) }
        colour = river(colour, rough, point)
        if isRoad { colour = road(colour, rough, place, point, ragged) }
        return colour
    }

    private func track(
        _ below: Colour,
        _ rough: Colour,
        _ place: Terrain.Place,
        _ point: Point,
        _ ragged: Double
    ) -> Colour {
        let colour = Self.blend(below, rough, cover(place.line + ragged, 2.3))
        let rut = abs(place.line - 0.85) + 0.3 * ragged
        return Self.blend(colour, Self.gravel * (1 + 0.25 * point.grain), 0.85 * cover(rut, 0.34))
    }

    private func road(
        _ below: Colour,
        _ rough: Colour,
        _ place: Terrain.Place,
        _ point: Point,
        _ ragged: Double
    ) -> Colour {
        // Across the river the road has a parapet instead of a verge.
        let isBridge = abs(point.river) < Terrain.riverHalfWidth + 3
        var colour =
            isBridge
            ? Self.blend(below, Self.paint * 0.85, cover(place.line, 3.6))
            : Self.blend(below, rough, cover(place.line + ragged, 5.2))
        let surface = Self.asphalt * (1 + 0.18 * point.grain + 0.12 * point.mottle)
        colour = Self.blend(colour, surface, cover(place.line, 3.1))
        colour = Self.blend(colour, Self.paint, 0.8 * cover(abs(place.line - 2.75), 0.07))
        let dash = point.u / 9 + 65_536
        if dash - Double(Int(dash)) < 0.35 {
            colour = Self.blend(colour, Self.paint, 0.85 * cover(place.line, 0.07))
        }
        return colour
    }

    private func river(_ below: Colour, _ rough: Colour, _ point: Point) -> Colour {
        let edge = abs(point.river) - Terrain.riverHalfWidth + 1.6 * Double(point.mottle)
        guard edge < 16 else { return below }
        var colour = Self.blend(below, rough, cover(edge + 3 * Double(point.mottle), 10))
        let mud = Self.bank * (1 + 0.3 * point.grain + 0.2 * point.mottle)
        colour = Self.blend(colour, mud, cover(edge, 1.3))
        let depth = Float(min(max(-edge / 4.5, 0), 1))
        let ripple = 1 + 0.10 * point.mottle + 0.05 * point.grain
        let water = Self.blend(Self.water.shallow, Self.water.deep, depth) * ripple
        return Self.blend(colour, water, cover(edge, 0))
    }

    /// How much of a pixel lies nearer than an edge, 0 to 1.
    @inline(__always)
    private func cover(_ distance: Double, _ edge: Double) -> Float {
        Float(min(max(0.5 + (edge - distance) / resolution, 0), 1))
    }

    @inline(__always)
    static func blend(_ below: Colour, _ above: Colour, _ share: Float) -> Colour {
        below + (above - below) * share
    }
}
