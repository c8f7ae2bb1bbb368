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

    /// The pixels from the upper left corner on that a window says are the image's.
    func valid(in window: TileWindow) -> PixelRows {
        unsafe PixelRows(
            first: first,
            stride: stride,
            width: min(width, window.validWidth),
            height: min(height, window.validHeight),
            channels: channels,
            bitDepth: bitDepth
        )
    }
}
