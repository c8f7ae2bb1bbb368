import Foundation
import Imaging
import TestSupport
import Testing

/// Each image is cut in a process of its own, which tells how much memory that took at most.
@Suite("Memory while cutting", .timeLimit(.minutes(10)))
struct TileMemoryTests {
    private static let width = 1_536

    /// Rows that are all alike, of a power of two: the file stays small, whatever the height.
    private func draw(height: Int, _ kind: ImageFormat, to path: String) throws {
        let row = (0..<3 * Self.width).map { UInt8(truncatingIfNeeded: $0 / 3 / 8 + $0 % 3 * 40) }
        var pixels = row
        while pixels.count < 3 * Self.width * height { pixels += pixels }
        let file =
            switch kind {
            case .png: try PNGEncoder.encode(pixels: pixels, width: Self.width, height: height, channels: 3)
            case .jpeg:
                try JPEGEncoder.encode(pixels: pixels, width: Self.width, height: height, channels: 3, quality: 80)
            }
        try Data(file).write(to: URL(filePath: path))
    }

    /// Bytes by which cutting raises the peak of a process that has done nothing else.
    private func growth(cutting path: String, _ recipe: [String: String], in scratch: Scratch) async throws -> Int {
        let result = scratch.file("growth")
        await #expect(processExitsWith: .success) {
            [path = path as String, recipe = recipe as [String: String], result = result as String] in
            let image = try ImageFile(path: path)
            let settings = try TilingSettings(values: recipe)
            let before = ProcessMemory()
            _ = try Tiler.cut(image, settings: settings, crew: TileCrew(workers: 2)) { _ in }
            let after = ProcessMemory()
            try "\(after.peakResident - before.peakResident)".write(toFile: result, atomically: false, encoding: .utf8)
        }
        return try #require(Int(try String(contentsOfFile: result, encoding: .utf8)))
    }

    static let recipes: [[String: String]] = [
        [:], ["tile_format": "jpeg"], ["tile_format": "jpeg-lossless"], ["png_compression": "balanced"],
        ["augment": "flip-horizontal p=0.5; blur p=0.5 sigma=1..2", "variants": "2"],
    ]

    @Test("does not grow with an image's height", arguments: [ImageFormat.jpeg, .png], recipes)
    func height(kind: ImageFormat, recipe: [String: String]) async throws {
        if kind == .png, recipe["tile_format"] == "jpeg-lossless" { return }
        let recipe = recipe.merging(["tile_size": "256"]) { $1 }
        let scratch = try Scratch("memory")
        var growths: [Int] = []
        for height in [512, 4_096] {
            let path = scratch.file("\(height)")
            try draw(height: height, kind, to: path)
            growths.append(try await growth(cutting: path, recipe, in: scratch))
        }
        // The seven heights more are 16 MB of pixels; the file itself grows by some hundred kilobytes.
        #expect(growths[1] < growths[0] + 5 << 20, "\(growths)")
    }

    @Test("does not grow with the number of variants")
    func variants() async throws {
        let scratch = try Scratch("memory")
        let path = scratch.file("image")
        try draw(height: 256, .png, to: path)
        var growths: [Int] = []
        for variants in [4, 200] {
            // Samples of four bytes, so that each variant is a megabyte.
            let recipe = [
                "tile_size": "256", "tile_format": "npy", "sample_type": "f32", "augment": "flip-horizontal p=0.5",
                "variants": "\(variants)",
            ]
            growths.append(try await growth(cutting: path, recipe, in: scratch))
        }
        #expect(growths[1] < growths[0] + 8 << 20, "\(growths)")
    }
}
