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
    /// Maps the tile's pixels to those of the stored image, through augmentation, window and orientation.
    package func storedMap(orientation: Orientation, stored info: ImageInfo) -> AffineMap {
        let plain = window.storedMap(orientation: orientation, storedWidth: info.width, storedHeight: info.height)
        return AffineMap(plain).after(AppliedStep.map(of: steps, width: window.width, height: window.height))
    }
}
