/// Stored rows of one band, decoded.
///
/// One thread fills it, and only then do others read it: the lock of the crew's queue, which every job passes through,
/// orders the two. That is why it is safe to send.
@safe
final class Strip: @unchecked Sendable {
    /// Bytes of a row.
    let stride: Int
    let pixelBytes: Int
    /// Pixels of a row.
    let width: Int
    /// The stored rows that it holds.
    private(set) var rows = 0..<0
    private let capacity: Int
    private let memory: UnsafeMutableBufferPointer<UInt8>

    init(info: ImageInfo, height: Int, limits: ImageLimits) throws(ImagingError) {
        width = info.width
        pixelBytes = info.channels * (info.bitDepth / 8)
        stride = info.width * pixelBytes
        capacity = height
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

    /// Takes the rows that it shares with the strip before, and decodes the others.
    ///
    /// - Parameter next: the next row that the decoder gives; it is moved on.
    func fill(
        _ wanted: Range<Int>,
        after before: Strip?,
        from decoder: borrowing ImageDecoder,
        next: inout Int,
        isCancelled: () -> Bool
    ) throws(ImagingError) {
        precondition(wanted.count <= capacity, "the band is higher than its strip")
        guard let base = unsafe memory.baseAddress else { return }
        // Rows that no tile shows are decoded all the same: damage in them counts.
        while next < wanted.lowerBound {
            try unsafe read(min(wanted.lowerBound - next, capacity), to: base, decoder, &next, isCancelled)
        }
        if next > wanted.lowerBound {
            guard let before, before.rows.contains(wanted.lowerBound), before.rows.upperBound == next,
                let old = unsafe before.memory.baseAddress
            else { preconditionFailure("bands have a gap") }
            let offset = (wanted.lowerBound - before.rows.lowerBound) * stride
            unsafe base.update(from: old + offset, count: (next - wanted.lowerBound) * stride)
        }
        while next < wanted.upperBound {
            let to = unsafe base + (next - wanted.lowerBound) * stride
            try unsafe read(min(wanted.upperBound - next, 64), to: to, decoder, &next, isCancelled)
        }
        rows = wanted
    }

    /// Decodes what is left of the image, which no tile shows.
    func drain(
        to end: Int,
        from decoder: borrowing ImageDecoder,
        next: inout Int,
        isCancelled: () -> Bool
    ) throws(ImagingError) {
        rows = 0..<0
        guard let base = unsafe memory.baseAddress else { return }
        while next < end {
            try unsafe read(min(end - next, capacity), to: base, decoder, &next, isCancelled)
        }
    }

    private func read(
        _ count: Int,
        to base: UnsafeMutablePointer<UInt8>,
        _ decoder: borrowing ImageDecoder,
        _ next: inout Int,
        _ isCancelled: () -> Bool
    ) throws(ImagingError) {
        if isCancelled() { throw ImagingError.stopped }
        try unsafe decoder.read(count, to: base, stride: stride)
        next += count
    }

    /// Gives access to the pixel in column `x` of stored row `y`, which must lie in the strip.
    func withPixel<Result>(
        x: Int,
        y: Int,
        _ body: (UnsafePointer<UInt8>) throws(ImagingError) -> Result
    ) throws(ImagingError) -> Result {
        precondition(rows.contains(y) && x >= 0 && x < width, "the pixel is not in the strip")
        guard let base = unsafe memory.baseAddress else {
            throw ImagingError(.corrupt, "the image has no pixels")
        }
        return try unsafe body(UnsafePointer(base) + (y - rows.lowerBound) * stride + x * pixelBytes)
    }
}
