import CImaging

/// One of the eight ways to turn and mirror a tile: where each pixel of the result comes from, counted from the middle:
/// x = xx x' + xy y', y = yx x' + yy y'.
struct QuarterTurn: Equatable {
    let xx: Int
    let xy: Int
    let yx: Int
    let yy: Int

    static let none = QuarterTurn(xx: 1, xy: 0, yx: 0, yy: 1)
    static let flipHorizontal = QuarterTurn(xx: -1, xy: 0, yx: 0, yy: 1)
    static let flipVertical = QuarterTurn(xx: 1, xy: 0, yx: 0, yy: -1)

    static func counterClockwise(_ turns: Int) -> QuarterTurn {
        let quarter = QuarterTurn(xx: 0, xy: -1, yx: 1, yy: 0)
        return (0..<turns).reduce(none) { turn, _ in turn.followed(by: quarter) }
    }

    var swapsSides: Bool { xx == 0 }

    /// First this, then `next`.
    func followed(by next: QuarterTurn) -> QuarterTurn {
        QuarterTurn(
            xx: xx * next.xx + xy * next.yx,
            xy: xx * next.xy + xy * next.yy,
            yx: yx * next.xx + yy * next.yx,
            yy: yx * next.xy + yy * next.yy
        )
    }
}

extension PixelTile {
    func turned(_ turn: QuarterTurn) throws(ImagingError) -> PixelTile {
        if turn == .none { return self }
        let pixel = channels * sample.bytes
        let row = width * pixel
        // Where a coordinate runs backwards, the first pixel of the result is the last of the source.
        let first = (turn.xx + turn.xy < 0 ? width - 1 : 0) * pixel + (turn.yx + turn.yy < 0 ? height - 1 : 0) * row
        let (newWidth, newHeight) = turn.swapsSides ? (height, width) : (width, height)
        let turned = try unsafe mapped(by: "turning") { from, _, to, _ in
            unsafe imaging_turn(
                from + first,
                turn.xx * pixel + turn.yx * row,
                turn.xy * pixel + turn.yy * row,
                UInt32(newWidth),
                UInt32(newHeight),
                Int32(pixel),
                to
            )
            return 0
        }
        return PixelTile(like: self, width: newWidth, height: newHeight, bytes: turned.bytes)
    }
}
