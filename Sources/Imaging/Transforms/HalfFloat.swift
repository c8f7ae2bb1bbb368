import CImaging

/// IEEE binary16, which Swift has not on every processor.
package enum HalfFloat {
    /// The bits of the halves nearest to `values`, ties to even; above 65,519 they are infinite.
    package static func bits(of values: [Float]) -> [UInt16] {
        let floats = values.map(\.bitPattern)
        var halves = [UInt16](repeating: 0, count: floats.count)
        unsafe imaging_halves(floats, floats.count, &halves)
        return halves
    }
}
