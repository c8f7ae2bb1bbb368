import Imaging
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("Tiles to transform")
struct TransformTileTests {
    @Test("bytes that do not fit the shape are refused, also when they were changed later")
    func sizes() throws {
        for (width, height, channels, count) in [
            (2, 2, 3, 11), (2, 2, 3, 13), (0, 2, 3, 0), (2, -1, 3, 6), (2, 2, 0, 0), (2, 2, 5, 20),
            (70_000, 1, 1, 70_000),
        ] {
            #expect(throws: ImagingError.self) {
                try PixelTile(
                    width: width,
                    height: height,
                    channels: channels,
                    sample: .u8,
                    bytes: [UInt8](repeating: 0, count: count)
                )
            }
        }
        var tile = try Samples.tile()
        tile.bytes.removeLast()
        let broken = tile
        let flip = AppliedStep(name: "flip-horizontal")
        #expect(throws: ImagingError.self) { try Augmenter.apply([flip], to: broken) }
        #expect(throws: ImagingError.self) { try Normaliser(.none, output: .u16).apply(broken) }
        #expect(throws: ImagingError.self) { try NPYEncoder.encode(broken) }
        #expect(throws: ImagingError.self) { try Histogram(of: broken) }
    }

    @Test("16-bit samples come from PNG's byte order and go back to it")
    func byteOrder() throws {
        let bytes: [UInt8] = [1, 2, 250, 3]
        let tile = try PixelTile(width: 2, height: 1, channels: 1, bitDepth: 16, bigEndian: bytes)
        let levels = unsafe tile.bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: UInt16.self)) }
        #expect(levels == [0x0102, 0xFA03])
        #expect(tile.bigEndianBytes == bytes)
        #expect(throws: ImagingError.self) {
            try PixelTile(width: 2, height: 1, channels: 1, bitDepth: 4, bigEndian: [0])
        }
    }

    @Test("halves are those of the hardware's rounding, for all exponents and ties")
    func halves() {
        var patterns: [UInt32] = [0, 0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0001, 0x477F_EFFF, 0x477F_F000]
        for exponent in UInt32(0)...255 {
            for fraction: UInt32 in [0, 1, 0xFFF, 0x1000, 0x1001, 0x2FFF, 0x3000, 0x3001, 0x40_0000, 0x7F_FFFF] {
                patterns.append(exponent << 23 | fraction)
                patterns.append(1 << 31 | exponent << 23 | fraction)
            }
        }
        let values = patterns.map { Float(bitPattern: $0) }
        let bits = HalfFloat.bits(of: values)
        for (value, bits) in zip(values, bits) {
            if value.isNaN {
                #expect(bits & 0x7C00 == 0x7C00 && bits & 0x3FF != 0)
                continue
            }
            #if !(os(macOS) && arch(x86_64))
            #expect(bits == Float16(value).bitPattern, "\(value)")
            #endif
        }
    }

    @Test("own functions agree with the C library's")
    func stableMath() {
        for step in -3600...3600 {
            let degrees = Double(step) / 10
            let (sine, cosine) = StableMath.sineAndCosine(degrees: degrees)
            #expect(abs(sine - sin(degrees / 180 * .pi)) < 2e-15)
            #expect(abs(cosine - cos(degrees / 180 * .pi)) < 2e-15)
        }
        for step in 1...2_000 {
            let value = Double(step) / 177
            #expect(abs(StableMath.logarithm(value) - log(value)) < 4e-15)
            #expect(abs(StableMath.exponential(-value * 9) / exp(-value * 9) - 1) < 1e-13)
            #expect(abs(StableMath.power(min(value, 1), 2.2) - pow(min(value, 1), 2.2)) < 1e-14)
        }
        for step in 1..<1_000 {
            let share = Double(step) / 1_000
            let back = erfc(-StableMath.normalQuantile(share) / 2.0.squareRoot()) / 2
            #expect(abs(back - share) < 1e-12)
        }
    }
}
