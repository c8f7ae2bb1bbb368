import CImaging

/// Compressed metadata blocks, inflated to bounded memory.
enum Inflate {
    /// Inflates a whole zlib stream; fails when it is damaged or gives more than `limit` bytes.
    static func zlib(_ bytes: ArraySlice<UInt8>, atMost limit: Int) throws(ImagingError) -> [UInt8] {
        var failure = imaging_failure()
        var written = 0
        var code: Int32 = 0
        let roomy = unsafe [UInt8](unsafeUninitializedCapacity: limit) { out, count in
            code = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe imaging_inflate(input.baseAddress, input.count, out.baseAddress, limit, &written, &failure)
            }
            count = written
        }
        guard code == 0 else { throw ImagingError(failure) }
        // A copy of the right size: what is kept should not hold on to the whole limit.
        return Array(roomy[...])
    }
}
