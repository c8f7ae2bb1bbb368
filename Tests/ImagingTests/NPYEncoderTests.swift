import Foundation
import Imaging
import TestSupport
import Testing

@Suite("NPY files", .timeLimit(.minutes(5)))
struct NPYEncoderTests {
    private struct Found: Decodable {
        let shape: [Int]
        let type: String
        let order: Bool
        let start: Int
        let hex: String
    }

    @Test("NumPy loads every sample type with 1 to 4 channels, bit for bit")
    func load() async throws {
        let scratch = try Scratch("npy")
        var tiles: [PixelTile] = []
        for sample in SampleType.allCases {
            for channels in 1...4 {
                for (width, height) in [(1, 1), (5, 3), (640, 2)] {
                    tiles.append(try random(width, height, channels, sample))
                }
            }
        }
        var paths: [String] = []
        for (index, tile) in tiles.enumerated() {
            paths.append(scratch.file("\(index).npy"))
            try Data(try NPYEncoder.encode(tile)).write(to: URL(fileURLWithPath: paths[index]))
        }
        let found: [Found] = try await TransformJudge.ask("judge_npy", paths)
        #expect(found.count == tiles.count)
        for (found, tile) in zip(found, tiles) {
            let channels = tile.channels == 1 ? [] : [tile.channels]
            #expect(found.shape == [tile.height, tile.width] + channels)
            #expect(found.type == ["u8": "|u1", "u16": "<u2", "f16": "<f2", "f32": "<f4"][tile.sample.rawValue])
            #expect(found.order)
            #expect(found.start % 64 == 0)
            #expect(found.hex == tile.bytes.map { String(format: "%02x", $0) }.joined())
        }
    }

    private func random(_ width: Int, _ height: Int, _ channels: Int, _ sample: SampleType) throws -> PixelTile {
        var noise = SeededGenerator(seed: UInt64(width * 10 + channels))
        let bytes = (0..<width * height * channels * sample.bytes).map { _ in
            UInt8.random(in: 0...255, using: &noise)
        }
        return try PixelTile(width: width, height: height, channels: channels, sample: sample, bytes: bytes)
    }
}
