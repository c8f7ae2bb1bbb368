/// An affine map between places in pixels, whose centres have whole coordinates: `x' = a x + b y + c`, `y' = d x + e y + f`.
package struct AffineMap: Sendable, Equatable {
    package let a: Double
    package let b: Double
    package let c: Double
    package let d: Double
    package let e: Double
    package let f: Double

    package init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double) {
        self.a = a
        self.b = b
        self.c = c
        self.d = d
        self.e = e
        self.f = f
    }

    package init(_ map: PixelMap) {
        self.init(Double(map.a), Double(map.b), Double(map.c), Double(map.d), Double(map.e), Double(map.f))
    }

    static let identity = AffineMap(1, 0, 0, 0, 1, 0)

    package var coefficients: [Double] { [a, b, c, d, e, f] }

    func apply(x: Double, y: Double) -> (x: Double, y: Double) {
        (a * x + b * y + c, d * x + e * y + f)
    }

    /// This map after another one.
    func after(_ first: AffineMap) -> AffineMap {
        AffineMap(
            a * first.a + b * first.d,
            a * first.b + b * first.e,
            a * first.c + b * first.f + c,
            d * first.a + e * first.d,
            d * first.b + e * first.e,
            d * first.c + e * first.f + f
        )
    }
}

extension EncodedTile {
    /// The part of the upright image that the tile shows; nil where it shows padding alone.
    ///
    /// That is what is image in its window, less what augmentation crops away.
    /// A small-angle rotation shows nearly the same ground; its part is the box around the turned corners.
    package var shownWindow: PixelWindow? {
        let map = AppliedStep.map(of: steps, width: window.width, height: window.height)
        // Centres have whole coordinates, so corners lie half a pixel beside them.
        let corners = [(0, 0), (width, 0), (0, height), (width, height)].map { corner in
            map.apply(x: Double(corner.0) - 0.5, y: Double(corner.1) - 0.5)
        }
        let (left, right) = Self.span(corners.map(\.x), within: window.validWidth)
        let (top, bottom) = Self.span(corners.map(\.y), within: window.validHeight)
        guard left < right, top < bottom else { return nil }
        return PixelWindow(x: window.x + left, y: window.y + top, width: right - left, height: bottom - top)
    }

    private static func span(_ centres: [Double], within length: Int) -> (Int, Int) {
        // A rounding error must not add a pixel.
        let edges = centres.map { $0 + 0.5 }
        let start = ((edges.min() ?? 0) + 1e-6).rounded(.down)
        let end = ((edges.max() ?? 0) - 1e-6).rounded(.up)
        return (Int(max(start, 0)), Int(min(end, Double(length))))
    }

    /// Maps the tile's pixels to those of the stored image, through augmentation, window and orientation.
    package func storedMap(orientation: Orientation, stored info: ImageInfo) -> AffineMap {
        let plain = window.storedMap(orientation: orientation, storedWidth: info.width, storedHeight: info.height)
        return AffineMap(plain).after(AppliedStep.map(of: steps, width: window.width, height: window.height))
    }
}
