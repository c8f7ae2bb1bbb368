import TestSupport
/// Kinds of pixels that compressors treat differently.
enum PNGDrawing: CaseIterable {
    case noise, flat, gradient, photograph, screenshot, halfFlat

    func pixels(width: Int, height: Int, channels: Int, bitDepth: Int = 8) -> [UInt8] {
        var noise = SeededGenerator(seed: 11)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * channels * bitDepth / 8)
        for y in 0..<height {
            for x in 0..<width {
                // What the channels of a pixel share: a photograph's noise is that of its brightness.
                let shared = Int.random(in: 0..<16, using: &noise)
                for channel in 0..<channels {
                    let high = value(x: x, y: y, channel: channel, height: height, shared: shared, noise: &noise)
                    bytes.append(UInt8(truncatingIfNeeded: high))
                    if bitDepth == 16 { bytes.append(self == .flat ? 7 : UInt8(truncatingIfNeeded: high * 31)) }
                }
            }
        }
        return bytes
    }

    private func value(
        x: Int,
        y: Int,
        channel: Int,
        height: Int,
        shared: Int,
        noise: inout SeededGenerator
    ) -> Int {
        switch self {
        case .noise: Int.random(in: 0...255, using: &noise)
        case .flat: 90
        case .gradient: (x * (channel + 1) + y * 3) / 4
        case .photograph: 40 + (x + 2 * y) / 9 + shared + Int.random(in: 0...1, using: &noise) + channel * 20
        case .screenshot: (x / 7 + y / 13) % 9 == 0 ? 20 * (x % 7) + channel : (y % 40 < 3 ? 200 : 245)
        case .halfFlat: y * 2 < height ? 255 : 100 + shared + channel
        }
    }
}
