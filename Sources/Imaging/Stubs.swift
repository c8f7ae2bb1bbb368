import CImaging
final class LosslessJPEG: Sendable {
    let info: ImageInfo; let trailingBytes = 0
    static func grid(of: ImageFile, limits: ImageLimits) throws(ImagingError) -> (info: ImageInfo, mcuWidth: Int, mcuHeight: Int) { throw ImagingError(.unsupportedFormat, "") }
    init(_ i: ImageFile, columns: [(x: Int, width: Int)], rows: [(y: Int, height: Int)], limits: ImageLimits, isCancelled: () -> Bool) throws(ImagingError) { throw ImagingError(.unsupportedFormat, "") }
    func tile(column: Int, row: Int, segments: [UInt8]) throws(ImagingError) -> [UInt8] { [] }
    static func orientationSegment(_ o: Orientation) -> [UInt8] { [] }
}
