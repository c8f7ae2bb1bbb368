import Foundation
import Imaging
import Testing

#if canImport(Glibc)
import Glibc

/// Each in a process whose address space ends soon after what it has.
@Suite("Memory that the system refuses")
struct OutOfMemoryTests {
    /// Leaves so many bytes that may still be asked for.
    private static func leave(_ bytes: Int) {
        let reserved = ProcessMemory().peakReserved
        var limit = rlimit(rlim_cur: rlim_t(reserved + bytes), rlim_max: rlim_t(reserved + bytes))
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    }

    @Test("is out-of-memory for JPEG tiles, not encode-failed")
    func jpeg() async {
        await #expect(processExitsWith: .success) {
            var pixels = try Samples.noise(width: 256, height: 256, channels: 3).pixels
            while pixels.count < 4_096 * 4_096 * 3 { pixels += pixels }
            Self.leave(6 << 20)
            let error = #expect(throws: ImagingError.self) {
                try JPEGEncoder.encode(
                    pixels: pixels,
                    width: 4_096,
                    height: 4_096,
                    channels: 3,
                    quality: 100,
                    subsampling: .s444
                )
            }
            #expect(error?.code == .outOfMemory)
        }
    }

    /// A sound header of a grey image, and hardly any pixels behind it: memory is asked for before they are missed.
    private static func claim(width: Int, height: Int) -> [UInt8] {
        var png = CorpusPNG(width: 1, height: 1, bitDepth: 8, colourType: 0)
        png["IHDR"] = CorpusPNG.word(width) + CorpusPNG.word(height) + [8, 0, 0, 0, 0]
        return png.bytes
    }

    @Test("is out-of-memory for libpng's rows, not corrupt")
    func rows() async {
        await #expect(processExitsWith: .success) {
            let image = ImageFile(bytes: Self.claim(width: 90_000_000, height: 1))
            Self.leave(20 << 20)
            let error = #expect(throws: ImagingError.self) { try PixelDecoder.decode(image) }
            #expect(error?.code == .outOfMemory)
        }
    }

    @Test("is out-of-memory for a strip, and not the end of the process")
    func strip() async {
        await #expect(processExitsWith: .success) {
            let image = ImageFile(bytes: Self.claim(width: 60_000, height: 8_000))
            Self.leave(20 << 20)
            let error = #expect(throws: ImagingError.self) {
                try Tiler.cut(image, settings: TilingSettings(tileWidth: 4_096, tileHeight: 4_096)) { _ in }
            }
            #expect(error?.code == .outOfMemory)
        }
    }
}
#endif
