import Imaging

/// All pixels, and tiles turned every way; both must come to the same end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDecode(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let file = FuzzInput.file(data, size)
    var pixels = false
    do throws(ImagingError) {
        let image = try PixelDecoder.decode(file, limits: FuzzInput.limits)
        precondition(
            image.pixels.count == image.info.width * image.info.height * image.info.channels * image.info.bitDepth / 8
        )
        precondition(image.trailingBytes <= size)
        pixels = true
    } catch {
        FuzzInput.expectReason(error)
    }
    let orientation = Orientation(rawValue: size % 8 + 1) ?? .up
    let settings = TilingSettings(tileWidth: 48, tileHeight: 40, overlap: size % 16)
    do {
        let turned = Appearance(orientation: orientation)
        let result = try Tiler.cut(file, as: turned, settings: settings, limits: FuzzInput.limits) { tile in
            if case .made(let tile) = tile { precondition(!tile.bytes.isEmpty) }
        }
        precondition(pixels && result.tiles > 0)
    } catch {
        FuzzInput.expectReason(error)
        // More tiles than the limit is the one reason that decoding does not share.
        precondition(!pixels || (error as? ImagingError)?.code == .tooManyTiles, "tiles fail where pixels do not")
    }
    return 0
}
