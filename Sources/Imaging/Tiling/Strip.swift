import CImaging

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Stored rows of one band, decoded.
///
/// One thread fills it, and only then do others read it: the lock of the crew's queue, which every job passes through,
/// orders the two. That is why it is safe to send.
@safe
final class Strip: @unchecked Sendable {
    let layout: StripLayout
    /// Pixels of a row.
    let width: Int
    /// The stored rows that it holds.
    private(set) var rows = 0..<0
    private let capacity: Int
    private let memory: UnsafeMutableBufferPointer<UInt8>
    /// Where each plane begins.
    private let offsets: [Int]

    init(_ layout: StripLayout, info: ImageInfo, height: Int, limits: ImageLimits) throws(ImagingError) {
        self.layout = layout
        width = info.width
        capacity = height
        var offsets: [Int] = []
        var size = 0
        for plane in layout.planes {
            offsets.append(size)
            let (bytes, overflows) = plane.stride.multipliedReportingOverflow(by: height / plane.down + 1)
            guard !overflows, bytes <= limits.maxStripBytes - size else {
                throw ImagingError(
                    .tooManyPixels,
                    "\(height) rows of \(info.width) pixels take more than \(limits.maxStripBytes) bytes; make the "
                        + "tiles lower or raise the limit"
                )
            }
            size += bytes
        }
        self.offsets = offsets
        // Swift's own allocation ends the process where there is none.
        guard let raw = unsafe malloc(size) else {
            throw ImagingError(.outOfMemory, "there is no memory for \(height) rows of \(info.width) pixels")
        }
        unsafe memory = UnsafeMutableBufferPointer(start: raw.assumingMemoryBound(to: UInt8.self), count: size)
    }

    deinit {
        unsafe free(memory.baseAddress)
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
        // Rows that no tile shows are decoded all the same: damage in them counts.
        while next < wanted.lowerBound {
            try read(min(wanted.lowerBound - next, capacity), at: 0, decoder, &next, isCancelled)
        }
        if next > wanted.lowerBound {
            guard let before, before.rows.contains(wanted.lowerBound), before.rows.upperBound == next
            else { preconditionFailure("bands have a gap") }
            copy(wanted.lowerBound..<next, from: before)
        }
        while next < wanted.upperBound {
            try read(min(wanted.upperBound - next, 64), at: next - wanted.lowerBound, decoder, &next, isCancelled)
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
        while next < end {
            try read(min(end - next, capacity), at: 0, decoder, &next, isCancelled)
        }
    }

    /// Copies stored rows, which become this strip's first.
    private func copy(_ shared: Range<Int>, from before: Strip) {
        guard let from = unsafe before.memory.baseAddress, let to = unsafe memory.baseAddress else { return }
        for (plane, offset) in zip(layout.planes, offsets) {
            let first = (shared.lowerBound - before.rows.lowerBound) / plane.down
            let count = (shared.count + plane.down - 1) / plane.down
            unsafe (to + offset).update(from: from + offset + first * plane.stride, count: count * plane.stride)
        }
    }

    private func read(
        _ count: Int,
        at line: Int,
        _ decoder: borrowing ImageDecoder,
        _ next: inout Int,
        _ isCancelled: () -> Bool
    ) throws(ImagingError) {
        if isCancelled() { throw ImagingError.stopped }
        guard let base = unsafe memory.baseAddress else { throw ImagingError(.corrupt, "the image has no pixels") }
        let rows = unsafe zip(layout.planes, offsets).map { plane, offset in
            unsafe (base + offset + line / plane.down * plane.stride, plane.stride)
        }
        try unsafe decoder.read(count, to: rows)
        next += count
    }

    /// Gives access to the sample of a plane that shows column `x` of stored row `y`, which must lie in the strip.
    func withSample<Result>(
        plane index: Int = 0,
        x: Int,
        y: Int,
        _ body: (UnsafePointer<UInt8>) throws(ImagingError) -> Result
    ) throws(ImagingError) -> Result {
        precondition(rows.contains(y) && x >= 0 && x < width, "the pixel is not in the strip")
        guard let base = unsafe memory.baseAddress else {
            throw ImagingError(.corrupt, "the image has no pixels")
        }
        let plane = layout.planes[index]
        let place = (y - rows.lowerBound) / plane.down * plane.stride + x / plane.across * plane.sampleBytes
        return try unsafe body(UnsafePointer(base) + offsets[index] + place)
    }
}
