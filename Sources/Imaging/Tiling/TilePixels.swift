import CImaging

/// Finds the pixels of a tile: where they lie in the strip, or turned upright, padded and flattened on the bench.
struct TilePixels: Sendable {
    let info: ImageInfo
    let orientation: Orientation
    let edge: EdgePolicy
    let alpha: AlphaPolicy

    /// Channels of the tile.
    var channels: Int { flattens ? info.channels - 1 : info.channels }

    private var flattens: Bool { alpha != .keep && (info.channels == 2 || info.channels == 4) }

    /// Calls `body` with a window's pixels, upright, valid only in it.
    func with<Result>(
        _ window: TileWindow,
        of strip: Strip,
        on bench: Workbench,
        _ body: (PixelRows) throws -> Result
    ) throws -> Result {
        let map = window.storedMap(orientation: orientation, storedWidth: info.width, storedHeight: info.height)
        // The corner opposite to the first is checked too; all others lie between.
        let end = map.apply(x: window.validWidth - 1, y: window.validHeight - 1)
        try unsafe strip.withSample(x: end.x, y: end.y) { (_) throws(ImagingError) in }
        if orientation == .up, !window.isPadded, !flattens {
            // Typed throws would lose what `body` throws.
            let outcome = try unsafe strip.withSample(x: map.c, y: map.f) { (first) throws(ImagingError) in
                let stride = strip.layout.planes[0].stride
                return Swift.Result { try body(unsafe rows(first, stride: stride, window, channels: info.channels)) }
            }
            return try outcome.get()
        }
        try copy(window, map, of: strip, to: bench)
        if flattens { flatten(window, on: bench) }
        return try unsafe bench.pixels.withUnsafeBufferPointer { pixels in
            guard let first = pixels.baseAddress else { throw ImagingError(.corrupt, "the tile has no pixels") }
            let stride = window.width * channels * (info.bitDepth / 8)
            return try body(unsafe rows(first, stride: stride, window, channels: channels))
        }
    }

    private func rows(
        _ first: UnsafePointer<UInt8>,
        stride: Int,
        _ window: TileWindow,
        channels: Int
    ) -> PixelRows {
        unsafe PixelRows(
            first: first,
            stride: stride,
            width: window.width,
            height: window.height,
            channels: channels,
            bitDepth: info.bitDepth
        )
    }

    private func copy(_ window: TileWindow, _ map: PixelMap, of strip: Strip, to bench: Workbench) throws {
        let plane = strip.layout.planes[0]
        let size = window.width * window.height * plane.sampleBytes
        if bench.pixels.count != size { bench.pixels = [UInt8](repeating: 0, count: size) }
        try unsafe strip.withSample(x: map.c, y: map.f) { (first) throws(ImagingError) in
            unsafe bench.pixels.withUnsafeMutableBufferPointer { pixels in
                unsafe imaging_gather(
                    first,
                    map.a * plane.sampleBytes + map.d * plane.stride,
                    map.b * plane.sampleBytes + map.e * plane.stride,
                    UInt32(window.validWidth),
                    UInt32(window.validHeight),
                    Int32(plane.sampleBytes),
                    pixels.baseAddress,
                    window.width * plane.sampleBytes
                )
            }
        }
        guard window.isPadded, case .pad(let padding) = edge else { return }
        unsafe imaging_pad_tile(
            &bench.pixels,
            UInt32(window.width),
            UInt32(window.height),
            UInt32(window.validWidth),
            UInt32(window.validHeight),
            Int32(plane.sampleBytes),
            padding.raw,
            fill(padding, pixelBytes: plane.sampleBytes)
        )
    }

    /// One pixel of padding: the value in every colour, and no alpha.
    private func fill(_ padding: Padding, pixelBytes: Int) -> [UInt8] {
        guard case .constant(let value) = padding else { return [] }
        var pixel = [UInt8](repeating: UInt8(clamping: value), count: pixelBytes)
        if info.channels == 2 || info.channels == 4 {
            for byte in pixelBytes - info.bitDepth / 8..<pixelBytes { pixel[byte] = 0 }
        }
        return pixel
    }

    private func flatten(_ window: TileWindow, on bench: Workbench) {
        guard case .flatten(let red, let green, let blue) = alpha else { return }
        // Grey images are laid on the background's luma (ITU-R BT.601, the weights that JPEG uses).
        let luma: Int = 299 * Int(red) + 587 * Int(green) + 114 * Int(blue)
        let grey = UInt8((luma + 500) / 1000)
        let background = channels == 1 ? [grey] : [red, green, blue]
        unsafe imaging_flatten(
            &bench.pixels,
            window.width * window.height,
            Int32(info.channels),
            Int32(info.bitDepth / 8),
            background
        )
    }
}

extension Padding {
    fileprivate var raw: imaging_pad {
        switch self {
        case .constant: IMAGING_PAD_CONSTANT
        case .edge: IMAGING_PAD_EDGE
        case .reflect: IMAGING_PAD_REFLECT
        }
    }
}
