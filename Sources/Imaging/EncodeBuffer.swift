import CImaging

/// The one owner of bytes that a C encoder writes to, reused from tile to tile.
@safe
struct EncodeBuffer: ~Copyable {
    private var raw = unsafe imaging_buffer()

    deinit {
        var copy = unsafe raw
        unsafe imaging_buffer_free(&copy)
    }

    /// Runs an encoder on the buffer and returns a copy of what it wrote.
    mutating func collect(
        _ encode: (UnsafeMutablePointer<imaging_buffer>, UnsafeMutablePointer<imaging_failure>) -> Int32
    ) throws(ImagingError) -> [UInt8] {
        var failure = imaging_failure()
        guard unsafe encode(&raw, &failure) == 0 else { throw ImagingError(failure) }
        return unsafe [UInt8](UnsafeBufferPointer(start: raw.data, count: raw.count))
    }

    /// Lends the buffer to a call that keeps nothing in it.
    mutating func lend(_ body: (UnsafeMutablePointer<imaging_buffer>) -> Int32) -> Int32 {
        unsafe body(&raw)
    }
}
