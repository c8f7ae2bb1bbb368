/// How a sample of a tile is stored; native byte order in memory.
package enum SampleType: String, Sendable, CaseIterable {
    case u8
    case u16
    /// IEEE binary16.
    case f16
    case f32

    package var bytes: Int {
        switch self {
        case .u8: 1
        case .u16, .f16: 2
        case .f32: 4
        }
    }

    package var isInteger: Bool { self == .u8 || self == .u16 }

    /// The greatest whole sample, which is white; nil for floating point.
    package var maximum: Int? {
        switch self {
        case .u8: 255
        case .u16: 65_535
        case .f16, .f32: nil
        }
    }
}
