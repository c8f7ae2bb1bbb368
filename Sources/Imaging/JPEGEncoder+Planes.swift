import CImaging

extension JPEGEncoder {
    /// Encodes a window of planes where they lie; its layout made sure that it is whole MCUs.
    static func encode(
        _ window: TileWindow,
        of strip: Strip,
        quality: Int,
        subsampling: JPEGSubsampling,
        segments: [UInt8],
        into buffer: inout EncodeBuffer
    ) throws(ImagingError) -> [UInt8] {
        // The last pixel's samples are checked too; all others lie between.
        let (lastX, lastY) = (window.x + window.width - 1, window.y + window.height - 1)
        try unsafe strip.withSample(x: lastX, y: lastY) { (_) throws(ImagingError) in }
        let planes = try strip.planes(x: window.x, y: window.y)
        return try unsafe buffer.collect { out, failure in
            unsafe segments.withUnsafeBufferPointer { segments in
                unsafe withUnsafePointer(to: planes) { planes in
                    var request = unsafe imaging_jpeg_request(
                        pixels: nil,
                        stride: 0,
                        planes: planes,
                        width: UInt32(window.width),
                        height: UInt32(window.height),
                        channels: 3,
                        quality: Int32(quality),
                        horizontal_sampling: subsampling.horizontal,
                        vertical_sampling: subsampling.vertical,
                        segments: segments.baseAddress,
                        segments_count: segments.count
                    )
                    return unsafe imaging_jpeg_encode(&request, out, failure)
                }
            }
        }
    }
}

extension Strip {
    /// Where its planes show a pixel; valid while the strip is.
    fileprivate func planes(x: Int, y: Int) throws(ImagingError) -> imaging_planes {
        guard layout.planes.count == 3 else {
            throw ImagingError(.encodeFailed, "the strip holds pixels, not planes")
        }
        var samples: [UnsafeMutablePointer<UInt8>] = unsafe []
        for plane in 0..<3 {
            try unsafe withSample(plane: plane, x: x, y: y) { (sample) throws(ImagingError) in
                unsafe samples.append(UnsafeMutablePointer(mutating: sample))
            }
        }
        let strides = layout.planes.map(\.stride)
        return unsafe imaging_planes(
            samples: (samples[0], samples[1], samples[2]),
            strides: (strides[0], strides[1], strides[2])
        )
    }
}
