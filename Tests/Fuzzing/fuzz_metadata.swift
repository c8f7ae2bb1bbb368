import Imaging

/// EXIF and XMP, wherever a file holds them, and the footprint that is made of them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMetadata(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let metadata = ImageMetadata.read(FuzzInput.file(data, size).bytes)
    if let orientation = metadata.orientation { precondition((1...8).contains(orientation)) }
    if let latitude = metadata.latitude { precondition(abs(latitude) <= 90) }
    if let longitude = metadata.longitude { precondition(abs(longitude) <= 180) }
    _ = Footprint.footprint(of: metadata, imageWidth: 5_472, imageHeight: 3_648)
    return 0
}
