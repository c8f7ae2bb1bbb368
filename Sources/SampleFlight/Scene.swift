/// The textures and the land that all frames of a flight share.
struct Scene: Sendable {
    let terrain: Terrain
    let standing: Standing
    /// Detail of about a pixel: stalks, clods, leaves.
    let grain: NoiseTile
    /// Detail of a few texels and more: patches and clumps.
    let mottle: NoiseTile
    /// The brightness over one row of plants, by 256th of the distance to the next.
    let rowProfile: [Float]

    init(seed: UInt64) {
        terrain = Terrain(seed: seed)
        standing = Standing(terrain)
        grain = NoiseTile(
            seed: seed,
            stream: 11,
            periods: [(1, 0.30), (2, 0.45), (4, 0.40), (8, 0.25), (32, 0.15)]
        )
        mottle = NoiseTile(
            seed: seed,
            stream: 12,
            periods: [(2, 0.12), (4, 0.2), (8, 0.3), (16, 0.35), (64, 0.35)]
        )
        // A triangle wave with rounded ends: plants are round, and the furrow between them is narrow.
        rowProfile = (0..<256).map { index in
            let triangle = abs(Float(index) / 128 - 1) * 2 - 1
            return triangle * (1.5 - 0.5 * triangle * triangle)
        }
    }
}

/// The sun of the flight: a clear morning, so that shadows fall to the north-west.
enum Sun {
    /// East, north, up; of length one.
    static let direction = SIMD3<Float>(0.46, -0.46, 0.76)
    /// Metres that a shadow reaches for each metre of height.
    static let shadow = SIMD2<Double>(-0.46 / 0.76, 0.46 / 0.76)
}
