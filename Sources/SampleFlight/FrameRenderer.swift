#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Draws one frame of the flight, straight down, as 8-bit RGB.
///
/// What varies slowly is computed at the corners of small blocks and interpolated inside; blocks that lie inside one
/// field skip everything else. The result is a function of scene, pose, size and noise only.
struct FrameRenderer {
    /// A corner of a block: its place on the ground and the slow layers there.
    struct Node {
        var ground: SIMD2<Double>
        var slow: Terrain.Slow
        var place: Terrain.Place
    }

    static let block = 16

    let scene: Scene
    let pose: FlightPlan.Pose
    let width: Int
    let height: Int
    let sensor: CounterNoise
    private let resolution: Double
    private let right: SIMD2<Double>
    private let up: SIMD2<Double>
    private let ground: GroundPainter
    private let objects: ObjectPainter
    private let grainScale: Double

    init(scene: Scene, pose: FlightPlan.Pose, width: Int, height: Int, sensor: CounterNoise) {
        self.scene = scene
        self.pose = pose
        self.width = width
        self.height = height
        self.sensor = sensor
        resolution = pose.altitude * FlightPlan.coverage.across / Double(width)
        let yaw = pose.yaw * .pi / 180
        right = SIMD2(cos(yaw), -sin(yaw))
        up = SIMD2(sin(yaw), cos(yaw))
        // The finest texture is never finer than the pixels, or it would flicker from frame to frame.
        grainScale = 1 / max(resolution, 0.034)
        ground = GroundPainter(scene: scene, resolution: resolution)
        objects = ObjectPainter(mottle: scene.mottle, grain: scene.grain, grainScale: grainScale)
    }

    /// The pixels of the frame, row by row.
    func render() -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        var inventory = FrameInventory(scene, around: SIMD2(pose.east, pose.north), radius: diagonal / 2)
        var above = nodes(row: 0)
        var top = 0
        while top < height {
            let below = nodes(row: top + Self.block)
            for column in 0..<(above.count - 1) {
                let corners = (above[column], above[column + 1], below[column], below[column + 1])
                paint(corners, left: column * Self.block, top: top, &inventory, into: &pixels)
            }
            above = below
            top += Self.block
        }
        return pixels
    }

    private var diagonal: Double {
        Double(width * width + height * height).squareRoot() * resolution
    }

    private func nodes(row: Int) -> [Node] {
        (0...((width + Self.block - 1) / Self.block)).map { column in
            let point = position(Double(column * Self.block), Double(row))
            let slow = scene.terrain.slow(point.x, point.y)
            return Node(ground: point, slow: slow, place: scene.terrain.place(slow.u, slow.v))
        }
    }

    private func position(_ x: Double, _ y: Double) -> SIMD2<Double> {
        SIMD2(pose.east, pose.north) + right * ((x - Double(width) / 2) * resolution)
            - up * ((y - Double(height) / 2) * resolution)
    }

    /// True when a block lies so far inside one field that nothing else can reach into it.
    private func isPlain(_ corners: (Node, Node, Node, Node)) -> Bool {
        let first = corners.0
        let margin = Double(Self.block) * 1.5 * resolution
        for node in [corners.0, corners.1, corners.2, corners.3] {
            guard node.place.parcel == first.place.parcel, node.place.boundary > 2 + margin,
                node.place.line > 7 + margin, abs(node.slow.river) > 26 + margin
            else { return false }
        }
        return true
    }

    private func paint(
        _ corners: (Node, Node, Node, Node),
        left: Int,
        top: Int,
        _ inventory: inout FrameInventory,
        into pixels: inout [UInt8]
    ) {
        let isPlain = isPlain(corners)
        let middle = (corners.0.ground + corners.3.ground) / 2
        let trees = inventory.trees(near: middle, within: Double(Self.block) * 0.75 * resolution)
        let buildings = inventory.buildings(near: middle, within: Double(Self.block) * 0.75 * resolution)
        let hasObjects = !trees.isEmpty || !buildings.isEmpty
        var parcel = inventory.parcel(corners.0.place.parcel)
        let bottom = min(top + Self.block, height)
        let end = min(left + Self.block, width)

        for y in top..<bottom {
            let down = (Double(y - top) + 0.5) / Double(Self.block)
            let start = BlockEdge(corners.0, corners.2, down)
            let step = (BlockEdge(corners.1, corners.3, down) - start) * (1 / Double(Self.block))
            var edge = start + step * 0.5
            for x in left..<end {
                let point = SIMD2(edge.values[0], edge.values[1])
                let sample = GroundPainter.Point(
                    u: edge.values[2],
                    v: edge.values[3],
                    river: edge.values[4],
                    grain: scene.grain.nearest(point.x * grainScale, point.y * grainScale),
                    mottle: 0.55 * scene.mottle.bilinear(point.x * 1.7, point.y * 1.7) + Float(edge.values[6])
                )
                var colour: Colour
                if isPlain {
                    colour = ground.field(parcel, sample)
                } else {
                    let place = scene.terrain.place(sample.u, sample.v)
                    if place.parcel != parcel.id { parcel = inventory.parcel(place.parcel) }
                    colour = ground.mixed(parcel, place, sample)
                }
                if hasObjects {
                    colour = objects.paint(colour, at: point, trees: trees, buildings: buildings)
                }
                expose(colour * Float(1 + edge.values[5]), x, y, into: &pixels)
                edge = edge + step
            }
        }
    }

    /// Lens falloff, sensor noise, and eight bits.
    @inline(__always)
    private func expose(_ colour: Colour, _ x: Int, _ y: Int, into pixels: inout [UInt8]) {
        let fromCentre = SIMD2(
            Float(2 * x - width) / Float(width),
            Float(2 * y - height) / Float(width)
        )
        let falloff = 1.04 - 0.17 * (fromCentre * fromCentre).sum()
        let index = y &* width &+ x
        let bits = sensor.bits(index)
        @inline(__always)
        func byte(_ shift: UInt64) -> Float { Float(Int32(truncatingIfNeeded: bits &>> shift & 0xFF)) }
        // The sum of four bytes is nearly normal, with a deviation of 148; two differ by 104.
        let luma = (byte(0) + byte(8) + byte(16) + byte(24) - 510) * SensorNoise.luma
        let red = (byte(32) - byte(40)) * SensorNoise.chroma
        let blue = (byte(48) - byte(56)) * SensorNoise.chroma
        let noise = Colour(luma + red, luma, luma + blue, 0)
        // One lane at a time: the vector's own conversion is not specialised and takes a third of all time.
        let value = colour * falloff + noise + 0.5
        pixels[index &* 3] = UInt8(min(max(value.x, 0), 255))
        pixels[index &* 3 &+ 1] = UInt8(min(max(value.y, 0), 255))
        pixels[index &* 3 &+ 2] = UInt8(min(max(value.z, 0), 255))
    }
}

/// How much one unit of the random bytes changes a pixel.
private enum SensorNoise {
    static let luma: Float = 3.2 / 148
    static let chroma: Float = 1.6 / 104
}

/// The values that are interpolated across a block: east, north, u, v, river, shade, patches.
private struct BlockEdge {
    var values: SIMD8<Double>

    init(_ values: SIMD8<Double>) { self.values = values }

    init(_ above: FrameRenderer.Node, _ below: FrameRenderer.Node, _ share: Double) {
        let first = Self.vector(above)
        values = first + (Self.vector(below) - first) * share
    }

    private static func vector(_ node: FrameRenderer.Node) -> SIMD8<Double> {
        SIMD8(
            node.ground.x,
            node.ground.y,
            node.slow.u,
            node.slow.v,
            node.slow.river,
            node.slow.shade,
            node.slow.patches,
            0
        )
    }

    @inline(__always)
    static func + (a: Self, b: Self) -> Self { Self(a.values + b.values) }
    @inline(__always)
    static func - (a: Self, b: Self) -> Self { Self(a.values - b.values) }
    @inline(__always)
    static func * (a: Self, b: Double) -> Self { Self(a.values * b) }
}
