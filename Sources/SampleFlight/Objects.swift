/// A tree from above: a bumpy ball that throws a shadow.
struct Tree: Sendable {
    let centre: SIMD2<Double>
    let radius: Double
    let height: Double
    let colour: Colour
}

/// A building from above: two roof slopes and a shadow.
struct Building: Sendable {
    let centre: SIMD2<Double>
    /// The direction of the ridge.
    let ridge: SIMD2<Double>
    let halfLength: Double
    let halfWidth: Double
    let height: Double
    let colour: Colour

    /// The distance from the middle along and across the ridge.
    @inline(__always)
    func local(_ point: SIMD2<Double>) -> SIMD2<Double> {
        let offset = point - centre
        return SIMD2(
            offset.x * ridge.x + offset.y * ridge.y,
            offset.y * ridge.x - offset.x * ridge.y
        )
    }

    @inline(__always)
    func covers(_ point: SIMD2<Double>) -> Bool {
        let position = local(point)
        return abs(position.x) < halfLength && abs(position.y) < halfWidth
    }
}
