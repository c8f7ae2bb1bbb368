import CImaging

/// Turns windows of a strip into files; keeps its buffers from tile to tile.
struct TileEncoder: ~Copyable {
    let encoding: TileEncoding
    let info: ImageInfo
    let orientation: Orientation
    private var filtered = EncodeBuffer()
    private var out = EncodeBuffer()
    private var upright: [UInt8] = []

    init(encoding: TileEncoding, info: ImageInfo, orientation: Orientation) {
        self.encoding = encoding
        self.info = info
        self.orientation = orientation
    }

    /// Encodes a window whose stored pixels all lie in the strip.
    mutating func encode(_ window: TileWindow, from strip: borrowing Strip) throws(ImagingError) -> [UInt8] {
        let map = window.storedMap(
            orientation: orientation,
            storedWidth: info.width,
            storedHeight: info.height
        )
        // The corner opposite to the first is checked too; all others lie between.
        let end = map.apply(x: window.width - 1, y: window.height - 1)
        try unsafe strip.withPixel(x: end.x, y: end.y) { (_) throws(ImagingError) in }
        if orientation == .up {
            return try unsafe strip.withPixel(x: map.c, y: map.f) { (first) throws(ImagingError) in
                try unsafe encode(first, stride: strip.stride, window)
            }
        }
        let size = window.width * window.height * strip.pixelBytes
        var pixels = upright
        upright = []
        if pixels.count != size { pixels = [UInt8](repeating: 0, count: size) }
        try unsafe strip.withPixel(x: map.c, y: map.f) { (first) throws(ImagingError) in
            unsafe pixels.withUnsafeMutableBufferPointer { pixels in
                unsafe imaging_gather(
                    first,
                    map.a * strip.pixelBytes + map.d * strip.stride,
                    map.b * strip.pixelBytes + map.e * strip.stride,
                    UInt32(window.width),
                    UInt32(window.height),
                    Int32(strip.pixelBytes),
                    pixels.baseAddress
                )
            }
        }
        let bytes = try unsafe pixels.withUnsafeBufferPointer { (pixels) throws(ImagingError) -> [UInt8] in
            guard let first = pixels.baseAddress else {
                throw ImagingError(.corrupt, "the tile has no pixels")
            }
            return try unsafe encode(first, stride: window.width * strip.pixelBytes, window)
        }
        upright = pixels
        return bytes
    }

    private mutating func encode(
        _ pixels: UnsafePointer<UInt8>,
        stride: Int,
        _ window: TileWindow
    ) throws(ImagingError) -> [UInt8] {
        switch encoding {
        case .png:
            try unsafe PNGEncoder.encode(
                pixels,
                stride: stride,
                width: window.width,
                height: window.height,
                channels: info.channels,
                bitDepth: info.bitDepth,
                scratch: &filtered,
                into: &out
            )
        case .jpeg(let quality):
            try unsafe JPEGEncoder.encode(
                pixels,
                stride: stride,
                width: window.width,
                height: window.height,
                channels: info.channels,
                quality: quality,
                into: &out
            )
        }
    }
}
