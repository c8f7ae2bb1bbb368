import CImaging

extension PixelTile {
    /// Runs a C kernel from this tile's bytes to as many new ones and returns a tile of the same shape.
    ///
    /// Only tiles of whole samples have kernels; the step that asks for one is named in the error.
    func mapped(
        by step: String,
        _ kernel: (
            UnsafePointer<UInt8>, UnsafePointer<imaging_shape>, UnsafeMutablePointer<UInt8>,
            UnsafeMutablePointer<imaging_failure>
        ) -> Int32
    ) throws(ImagingError) -> PixelTile {
        var result = self
        let size = bytes.count
        var shape = try shape(for: step)
        var failure = imaging_failure()
        var code: Int32 = 0
        result.bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { out, count in
            unsafe bytes.withUnsafeBufferPointer { from in
                guard let from = from.baseAddress, let out = out.baseAddress else { return }
                code = unsafe kernel(from, &shape, out, &failure)
                count = code == 0 ? size : 0
            }
        }
        guard code == 0 else { throw ImagingError(failure) }
        return result
    }

    /// Runs a C kernel that changes the bytes where they are.
    mutating func change(
        by step: String,
        _ kernel: (
            UnsafeMutablePointer<UInt8>, UnsafePointer<imaging_shape>, UnsafeMutablePointer<imaging_failure>
        ) -> Int32
    ) throws(ImagingError) {
        var shape = try shape(for: step)
        var failure = imaging_failure()
        let code = unsafe bytes.withUnsafeMutableBufferPointer { samples -> Int32 in
            guard let samples = samples.baseAddress else { return 0 }
            return unsafe kernel(samples, &shape, &failure)
        }
        guard code == 0 else { throw ImagingError(failure) }
    }

    /// What C has to know of the tile; `step` asks for it.
    func shape(for step: String) throws(ImagingError) -> imaging_shape {
        try check()
        guard sample.isInteger else {
            throw ImagingError(
                .invalidSettings,
                "\(step) takes u8 or u16 samples, not \(sample.rawValue); let it come before the normalisation"
            )
        }
        return imaging_shape(
            width: UInt32(width),
            height: UInt32(height),
            channels: Int32(channels),
            bits: Int32(sample.bytes * 8)
        )
    }

    /// Puts another tile's alpha in place of this one's, for steps that change colours only.
    mutating func takeAlpha(of other: PixelTile) {
        guard hasAlpha, other.bytes.count == bytes.count, other.channels == channels else { return }
        let offset = colours * sample.bytes
        unsafe other.bytes.withUnsafeBufferPointer { from in
            unsafe bytes.withUnsafeMutableBufferPointer { to in
                guard let from = from.baseAddress, let to = to.baseAddress else { return }
                unsafe imaging_copy_channels(
                    from + offset,
                    Int32(channels),
                    to + offset,
                    Int32(channels),
                    1,
                    Int32(sample.bytes),
                    width * height
                )
            }
        }
    }
}
