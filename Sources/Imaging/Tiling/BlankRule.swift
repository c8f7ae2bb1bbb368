import CImaging

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// When a tile is left out because it shows nothing.
package enum BlankRule: Sendable, Equatable {
    /// No colour channel's histogram of 256 levels has an entropy of this many bits, 0 to 8 (Shannon 1948, section 6).
    case entropy(below: Double)
    /// At least this share of pixels, 0 to 1, has no data: every colour is `value` (0 to 255), or alpha is 0.
    case noData(share: Double, value: Int)

    package func validate() throws(ImagingError) {
        switch self {
        case .entropy(let bits):
            guard bits > 0, bits <= 8 else {
                throw ImagingError(.invalidSettings, "an entropy of \(bits) bits is not between 0 and 8")
            }
        case .noData(let share, let value):
            guard share > 0, share <= 1, (0...255).contains(value) else {
                throw ImagingError(
                    .invalidSettings,
                    "a tile is blank by a share above 0 and up to 1 of a value from 0 to 255, not \(share) of \(value)"
                )
            }
        }
    }

    /// Measures packed or strided pixels; `isBlank` when they are to be left out.
    func measure(_ pixels: PixelRows) -> (isBlank: Bool, measure: Double) {
        switch self {
        case .entropy(let limit):
            let bits = entropy(pixels)
            return (bits < limit, bits)
        case .noData(let limit, let value):
            let share = share(of: value, in: pixels)
            return (share >= limit, share)
        }
    }

    /// The greatest entropy of a colour channel, to a millionth of a bit: beyond that two machines' logarithms may differ.
    private func entropy(_ pixels: PixelRows) -> Double {
        var counts = [UInt32](repeating: 0, count: 256 * pixels.channels)
        unsafe imaging_count_levels(
            pixels.first,
            pixels.stride,
            UInt32(pixels.width),
            UInt32(pixels.height),
            Int32(pixels.channels),
            Int32(pixels.bitDepth / 8),
            &counts
        )
        let total = Double(pixels.width * pixels.height)
        let colours = pixels.hasAlpha ? pixels.channels - 1 : pixels.channels
        let greatest = (0..<colours).map { channel in
            counts[256 * channel..<256 * (channel + 1)].reduce(0.0) { sum, count in
                let share = Double(count) / total
                return count == 0 ? sum : sum - share * log2(share)
            }
        }.max()
        return ((greatest ?? 0) * 1e6).rounded() / 1e6
    }

    private func share(of value: Int, in pixels: PixelRows) -> Double {
        let pixel = [UInt8](repeating: UInt8(clamping: value), count: pixels.pixelBytes)
        let empty = unsafe imaging_count_empty(
            pixels.first,
            pixels.stride,
            UInt32(pixels.width),
            UInt32(pixels.height),
            Int32(pixels.channels),
            Int32(pixels.bitDepth / 8),
            pixels.hasAlpha ? 1 : 0,
            pixel
        )
        return Double(empty) / Double(pixels.width * pixels.height)
    }
}
