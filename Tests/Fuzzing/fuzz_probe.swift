import Imaging

/// Kind, header and limits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProbe(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do throws(ImagingError) {
        let info = try ImageProbe.probe(FuzzInput.file(data, size), limits: FuzzInput.limits)
        precondition(info.width > 0 && info.height > 0)
        precondition(info.width * info.height <= FuzzInput.limits.maxPixels)
        precondition((1...4).contains(info.channels) && [8, 16].contains(info.bitDepth))
    } catch {
        FuzzInput.expectReason(error)
    }
    return 0
}
