import CImaging
package enum PNGCompression: String, CaseIterable, Sendable { case fast, balanced, small }
package enum JPEGSubsampling: String, CaseIterable, Sendable { case s420 = "4:2:0", s422 = "4:2:2", s444 = "4:4:4" }
final class LosslessJPEG: Sendable {
    let info: ImageInfo; let trailingBytes = 0
    static func grid(of: ImageFile, limits: ImageLimits) throws(ImagingError) -> (info: ImageInfo, mcuWidth: Int, mcuHeight: Int) { throw ImagingError(.unsupportedFormat, "") }
    init(_ i: ImageFile, columns: [(x: Int, width: Int)], rows: [(y: Int, height: Int)], limits: ImageLimits, isCancelled: () -> Bool) throws(ImagingError) { throw ImagingError(.unsupportedFormat, "") }
    func tile(column: Int, row: Int, segments: [UInt8]) throws(ImagingError) -> [UInt8] { [] }
    static func orientationSegment(_ o: Orientation) -> [UInt8] { [] }
}
extension PNGEncoder {
    static func profileChunk(_ icc: [UInt8]) throws(ImagingError) -> [UInt8] { [] }
    static func encode(_ r: PixelRows, compression: PNGCompression, profile: [UInt8], scratch: inout EncodeBuffer, into out: inout EncodeBuffer) throws(ImagingError) -> [UInt8] {
        try unsafe encode(r.first, stride: r.stride, width: r.width, height: r.height, channels: r.channels, bitDepth: r.bitDepth, scratch: &scratch, into: &out)
    }
}
extension JPEGEncoder {
    static func profileSegments(_ icc: [UInt8]) -> [UInt8] { [] }
    static func encode(_ r: PixelRows, quality: Int, subsampling: JPEGSubsampling, segments: [UInt8], into out: inout EncodeBuffer) throws(ImagingError) -> [UInt8] {
        try unsafe encode(r.first, stride: r.stride, width: r.width, height: r.height, channels: r.channels, quality: quality, segments: segments, into: &out)
    }
}
