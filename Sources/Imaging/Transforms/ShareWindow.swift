import CImaging

/// A window of a tile whose size is not known yet: sides as shares of the tile's, place as shares of the room left.
struct ShareWindow: Equatable {
    let x: Double
    let y: Double
    let width: Double
    let height: Double

    init(crop step: AppliedStep) throws(ImagingError) {
        let scale = try step.number("scale", in: 0.1...1)
        x = try step.number("x", in: 0...1)
        y = try step.number("y", in: 0...1)
        (width, height) = (scale, scale)
    }

    private init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    static func holes(of step: AppliedStep) throws(ImagingError) -> [ShareWindow] {
        let count = step.parameters["x"]?.count ?? 0
        guard count <= 256 else {
            throw ImagingError(.invalidSettings, "dropout: \(count) holes are more than 256")
        }
        let x = try step.numbers("x", in: 0...1, count: count...count)
        let y = try step.numbers("y", in: 0...1, count: count...count)
        let width = try step.numbers("width", in: 0...1, count: count...count)
        let height = try step.numbers("height", in: 0...1, count: count...count)
        return (0..<count).map { ShareWindow(x: x[$0], y: y[$0], width: width[$0], height: height[$0]) }
    }

    /// The pixels of a tile that the window covers; at least one.
    func pixels(width tileWidth: Int, height tileHeight: Int) -> imaging_window {
        let across = Self.span(of: width, at: x, in: tileWidth)
        let down = Self.span(of: height, at: y, in: tileHeight)
        return imaging_window(x: across.start, y: down.start, width: across.count, height: down.count)
    }

    /// Sides are rounded; each place that the window can have is as likely as any other.
    private static func span(of share: Double, at place: Double, in side: Int) -> (start: UInt32, count: UInt32) {
        let count = min(max(Int((share * Double(side) + 0.5).rounded(.down)), 1), side)
        let start = min(Int(place * Double(side - count + 1)), side - count)
        return (UInt32(start), UInt32(count))
    }
}
