/// An affine map between whole pixels: `x' = a x + b y + c`, `y' = d x + e y + f`.
package struct PixelMap: Sendable, Equatable {
    package let a: Int
    package let b: Int
    package let c: Int
    package let d: Int
    package let e: Int
    package let f: Int

    package init(a: Int, b: Int, c: Int, d: Int, e: Int, f: Int) {
        self.a = a
        self.b = b
        self.c = c
        self.d = d
        self.e = e
        self.f = f
    }

    /// The pixel that (x, y) is mapped to.
    package func apply(x: Int, y: Int) -> (x: Int, y: Int) {
        (a * x + b * y + c, d * x + e * y + f)
    }

    /// The same map for coordinates that are counted from (x, y).
    package func moved(x: Int, y: Int) -> PixelMap {
        let origin = apply(x: x, y: y)
        return PixelMap(a: a, b: b, c: origin.x, d: d, e: e, f: origin.y)
    }
}
