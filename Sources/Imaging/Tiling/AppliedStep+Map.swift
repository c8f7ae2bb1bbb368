import CImaging

extension AppliedStep {
    /// Whether it is geometry, and leaves the levels to others.
    var movesPixels: Bool {
        switch try? TileStep(self) {
        case .turn, .rotate, .crop: true
        default: false
        }
    }

    /// Maps pixels of an augmented tile to those of the tile of `width` x `height` pixels that it was made from.
    ///
    /// Only geometry moves pixels. Steps that can't be, which no augmenter draws, move none.
    static func map(of steps: [AppliedStep], width: Int, height: Int) -> AffineMap {
        var map = AffineMap.identity
        var size = (width: width, height: height)
        for step in steps {
            guard let step = try? TileStep(step) else { continue }
            switch step {
            case .turn(let turn):
                let old = size
                if turn.swapsSides { size = (size.height, size.width) }
                map = map.after(.around(old, size, turn))
            case .rotate(let degrees):
                map = map.after(.rotation(degrees: degrees, width: size.width, height: size.height))
            case .crop(let window):
                let part = window.pixels(width: size.width, height: size.height)
                map = map.after(
                    .stretch(
                        across: (Double(part.x), Double(part.width) / Double(size.width)),
                        down: (Double(part.y), Double(part.height) / Double(size.height))
                    )
                )
            default: break
            }
        }
        return map
    }
}

extension AffineMap {
    /// A linear map around the middles of the old and the new tile.
    private init(
        _ xx: Double,
        _ xy: Double,
        _ yx: Double,
        _ yy: Double,
        from: (x: Double, y: Double),
        to: (x: Double, y: Double)
    ) {
        self.init(xx, xy, from.x - xx * to.x - xy * to.y, yx, yy, from.y - yx * to.x - yy * to.y)
    }

    private static func middle(_ size: (width: Int, height: Int)) -> (x: Double, y: Double) {
        (Double(size.width - 1) / 2, Double(size.height - 1) / 2)
    }

    fileprivate static func around(
        _ old: (width: Int, height: Int),
        _ new: (width: Int, height: Int),
        _ turn: QuarterTurn
    ) -> AffineMap {
        AffineMap(
            Double(turn.xx),
            Double(turn.xy),
            Double(turn.yx),
            Double(turn.yy),
            from: middle(old),
            to: middle(new)
        )
    }

    fileprivate static func rotation(degrees: Double, width: Int, height: Int) -> AffineMap {
        let (sine, cosine) = StableMath.sineAndCosine(degrees: degrees)
        let middle = middle((width, height))
        return AffineMap(cosine, -sine, sine, cosine, from: middle, to: middle)
    }

    /// Pixel centres lie half a pixel inside.
    fileprivate static func stretch(
        across: (start: Double, scale: Double),
        down: (start: Double, scale: Double)
    ) -> AffineMap {
        AffineMap(
            across.scale,
            0,
            across.start + across.scale / 2 - 0.5,
            0,
            down.scale,
            down.start + down.scale / 2 - 0.5
        )
    }
}
