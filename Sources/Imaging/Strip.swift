/// A window of stored rows, as high as a tile, that slides down the image as it is decoded.
@safe
struct Strip: ~Copyable {
    let info: ImageInfo
    let height: Int
    /// Bytes of a row.
    let stride: Int
    let pixelBytes: Int
    /// The stored row that lies first in memory.
    private(set) var y = 0
    private var rowsHeld = 0
    private let memory: UnsafeMutableBufferPointer<UInt8>

    init(info: ImageInfo, height: Int, limits: ImageLimits) throws(ImagingError) {
        self.info = info
        self.height = height
        pixelBytes = info.channels * (info.bitDepth / 8)
        stride = info.width * pixelBytes
        let (size, overflows) = stride.multipliedReportingOverflow(by: height)
        guard !overflows, size <= limits.maxStripBytes else {
            throw ImagingError(
                .tooManyPixels,
                "\(height) rows of \(info.width) pixels take more than \(limits.maxStripBytes) bytes; make the tiles "
                    + "lower or raise the limit"
            )
        }
        unsafe memory = .allocate(capacity: size)
    }

    deinit {
        unsafe memory.deallocate()
    }

    /// Moves the strip down so that it begins at stored row `next`, and decodes the rows that are new to it.
    mutating func advance(to next: Int, from decoder: borrowing ImageDecoder, isCancelled: () -> Bool) throws {
        precondition(next >= y && next <= y + rowsHeld && next + height <= info.height, "bands have a gap")
        guard let base = unsafe memory.baseAddress else { return }
        let kept = y + rowsHeld - next
        if next > y && kept > 0 {
            unsafe base.update(from: base + (next - y) * stride, count: kept * stride)
        }
        y = next
        rowsHeld = kept
        while rowsHeld < height {
            if isCancelled() { throw ImagingError.stopped }
            let rows = min(height - rowsHeld, 64)
            try unsafe decoder.read(rows, to: base + rowsHeld * stride, stride: stride)
            rowsHeld += rows
        }
    }

    /// Gives access to the pixel in column `x` of stored row `y`, which must lie in the strip.
    func withPixel<Result>(
        x: Int,
        y: Int,
        _ body: (UnsafePointer<UInt8>) throws(ImagingError) -> Result
    ) throws(ImagingError) -> Result {
        precondition(
            y >= self.y && y < self.y + rowsHeld && x >= 0 && x < info.width,
            "the pixel is not in the strip"
        )
        guard let base = unsafe memory.baseAddress else {
            throw ImagingError(.corrupt, "the image has no pixels")
        }
        return try unsafe body(UnsafePointer(base) + (y - self.y) * stride + x * pixelBytes)
    }
}
