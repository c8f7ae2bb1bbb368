import CImaging
package enum PNGCompression: String, CaseIterable, Sendable { case fast, balanced, small }
package enum JPEGSubsampling: String, CaseIterable, Sendable { case s420 = "4:2:0", s422 = "4:2:2", s444 = "4:4:4" }
package struct ICCProfile: Sendable, Equatable { package let bytes: [UInt8]; package func fits(_ info: ImageInfo) -> Bool { true } }
package enum SampleType: String, Sendable, CaseIterable { case u8, u16, f16, f32 }
package enum NormalisationScope: String, Sendable { case tile, image }
package enum Normalisation: Sendable, Equatable { case none; case minMax(NormalisationScope); case percentile(low: Double, high: Double, NormalisationScope); case meanStd(mean: [Double], std: [Double]) }
package struct ChannelRange: Sendable { static func x() {} }
enum ChannelRanges { static func measure(_ image: ImageFile, for s: TilingSettings, limits: ImageLimits, isCancelled: () -> Bool) throws -> [ChannelRange]? { nil } }
package struct PixelTile: Sendable { let width = 0, height = 0, channels = 0; let sample = SampleType.u8; let bytes: [UInt8] = []; var bigEndianBytes: [UInt8] { bytes }; init(_ rows: PixelRows) {} }
struct Normaliser: Sendable { init(_ n: Normalisation, output: SampleType) throws(ImagingError) {}; func apply(_ t: PixelTile, imageRanges: [ChannelRange]?) throws(ImagingError) -> PixelTile { t } }
package struct Augmentation: Sendable, Equatable { let name: String, probability: Double, parameters: [String: [Double]]; init(name: String, probability: Double, parameters: [String: [Double]]) throws(ImagingError) { self.name = name; self.probability = probability; self.parameters = parameters } }
package struct AppliedStep: Sendable, Equatable { package let name: String; package let parameters: [String: [Double]] }
struct AugmentationKey { init(source: [UInt8], recipe: [UInt8], row: Int, column: Int, variant: Int) {} }
struct Augmenter: Sendable { init(steps: [Augmentation]) {}; func draw(key: AugmentationKey) -> [AppliedStep] { [] }; static func apply(_ s: [AppliedStep], to t: PixelTile) throws(ImagingError) -> PixelTile { t } }
enum NPYEncoder { static func encode(_ t: PixelTile) throws(ImagingError) -> [UInt8] { [] } }
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
extension Footprint { package var errorMetres: Double { 0 } }
extension ImageMetadata { package var profile: ICCProfile? { nil } }
extension AppliedStep { static func map(of s: [AppliedStep], width: Int, height: Int) -> AffineMap { .identity } }
