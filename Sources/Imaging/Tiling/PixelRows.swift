/// Pixels where they lie: rows `stride` bytes apart, 16-bit samples big endian.
///
/// Valid while the memory is.
@safe
struct PixelRows {
    let first: UnsafePointer<UInt8>
    let stride: Int
    let width: Int
    let height: Int
    let channels: Int
    /// 8 or 16.
    let bitDepth: Int

    var pixelBytes: Int { channels * (bitDepth / 8) }
    var hasAlpha: Bool { channels == 2 || channels == 4 }
}
