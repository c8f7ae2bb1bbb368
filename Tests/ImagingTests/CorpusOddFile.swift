import Imaging
import Testing

/// A file that is rare or wrong, and what has to come of it.
struct OddFile: Sendable, CustomTestStringConvertible {
    enum End: Sendable {
        /// Those of another program.
        case pixels
        case refused(ImagingError.Code)
    }

    let name: String
    let end: End
    let make: @Sendable () throws -> [UInt8]

    var testDescription: String { name }

    static func pixels(_ name: String, _ make: @escaping @Sendable () throws -> [UInt8]) -> OddFile {
        OddFile(name: name, end: .pixels, make: make)
    }

    static func refused(
        _ code: ImagingError.Code,
        _ name: String,
        _ make: @escaping @Sendable () throws -> [UInt8]
    ) -> OddFile {
        OddFile(name: name, end: .refused(code), make: make)
    }

    /// Compares what decoding gives with what has to come, and cutting with decoding.
    func check(_ judge: (DecodedImage, [UInt8]) throws -> [UInt8]) throws {
        let bytes = try make()
        switch end {
        case .pixels:
            let image = try PixelDecoder.decode(ImageFile(bytes: bytes))
            #expect(try judge(image, bytes) == image.pixels)
            #expect(try Samples.tiles(bytes).result.info == image.info)
        case .refused(let code):
            let error = try #require(Samples.verdict(bytes), "gave pixels")
            #expect(error.code == code, "\(error)")
            #expect(error.message.count > 10, "\(error)")
            #expect(throws: code) {
                try codes { () throws(ImagingError) in
                    do { _ = try Samples.tiles(bytes) } catch let error as ImagingError { throw error } catch {}
                }
            }
        }
    }
}
