import Imaging
import TestSupport
import Testing

@Suite("Damaged files and lossless JPEG tiles")
struct LosslessJPEGDamageTests {
    private static let kinds: [LosslessSample.Recipe] = [
        LosslessSample.Recipe(name: "4:2:0"),
        LosslessSample.Recipe(
            name: "4:2:2 optimised, restarts",
            encode: ["-sample", "2x1", "-restart", "3B", "-optimize"]
        ),
        LosslessSample.Recipe(name: "grey, a restart at each MCU", encode: ["-restart", "1B"], channels: 1),
        LosslessSample.Recipe(name: "progressive", encode: ["-progressive"]),
    ]

    /// The decoder and the cutter judge alike; where there are tiles, they hold the decoder's pixels.
    private func judge(_ bytes: [UInt8], _ comment: Comment) throws -> ImagingError? {
        let decoder = Samples.verdict(bytes)
        let refusal = LosslessSample.verdict(bytes)
        guard let refusal else {
            #expect(decoder == nil, comment)
            let tiles = try LosslessSample.tiles(bytes)
            for tile in tiles { #expect(Samples.verdict(tile) == nil, comment) }
            #expect(
                try PixelDecoder.decode(ImageFile(bytes: tiles[0])).pixels
                    == PixelDecoder.decode(ImageFile(bytes: bytes)).pixels,
                comment
            )
            return nil
        }
        #expect(!refusal.message.isEmpty, comment)
        // Pixels that no camera gives can be shown, but not be coded.
        #expect(decoder != nil || refusal.message.contains("beyond what 8-bit samples give"), comment)
        return refusal
    }

    @Test("a file cut off anywhere is refused, with the place", arguments: kinds)
    func truncated(recipe: LosslessSample.Recipe) throws {
        let whole = try recipe.make()
        for length in Array(stride(from: 0, to: whole.count, by: 97)) + [whole.count - 2, whole.count - 1] {
            let error = try #require(try judge(Array(whole[..<length]), "\(length)"), "\(length) bytes gave tiles")
            if length > 2 {
                #expect([.truncated, .corrupt].contains(error.code), "\(length): \(error)")
                #expect(error.byteOffset != nil, "\(length): \(error)")
            }
        }
    }

    @Test("any damaged byte gives a reason or the decoder's pixels", arguments: kinds)
    func mutations(recipe: LosslessSample.Recipe) throws {
        let whole = try recipe.make()
        var noise = SeededGenerator(seed: UInt64(recipe.name.utf8.count))
        var refused = 0
        for round in 0..<150 {
            var bytes = whole
            for _ in 0...round % 3 {
                let at = Int.random(in: 2..<bytes.count, using: &noise)
                switch Int.random(in: 0..<6, using: &noise) {
                case 0...3: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &noise)
                case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1..<5, using: &noise)))
                default: bytes.insert(contentsOf: [0xFF, UInt8.random(in: 0xC0...0xFE, using: &noise)], at: at)
                }
            }
            if try judge(bytes, "round \(round)") != nil { refused += 1 }
        }
        #expect(refused > 20, "\(refused) of 150 were refused")
    }

    @Test("bytes that are left over before a marker are judged as the decoder judges them", arguments: kinds)
    func leftovers(recipe: LosslessSample.Recipe) throws {
        let body: [UInt8] = try recipe.make().dropLast(2)
        for count in 1..<20 {
            _ = try judge(body + [UInt8](repeating: 0x55, count: count) + [0xFF, 0xD9], "\(count)")
        }
        #expect(LosslessSample.verdict(body + [UInt8](repeating: 0x55, count: 40) + [0xFF, 0xD9]) != nil)
    }

    @Test("restart markers that are missing, twice there or out of order are refused")
    func restarts() throws {
        let whole = try Self.kinds[1].make()
        let places = whole.indices.dropLast().filter { whole[$0] == 0xFF && (0xD0...0xD7).contains(whole[$0 + 1]) }
        #expect(places.count > 20)
        for place in places.prefix(12) {
            for replacement: [UInt8] in [
                [], [0xFF, whole[place + 1] ^ 1], [0xFF, whole[place + 1], 0xFF, whole[place + 1]],
            ] {
                let error = try judge(whole[..<place] + replacement + whole[(place + 2)...], "\(place)")
                #expect(error != nil, "\(place): \(replacement)")
            }
        }
    }

    @Test("markers between the pixels and the end are judged as the decoder judges them")
    func lateMarkers() throws {
        let body: [UInt8] = try Self.kinds[0].make().dropLast(2)
        let segments: [[UInt8]] = [
            [0xFF, 0xFE, 0, 4, 1, 2], [0xFF, 0xD0], [0xFF, 0xDD, 0, 4, 0, 1], [0xFF, 0xD8], [0xFF, 0xDC, 0, 4, 0, 110],
            [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0], [0xFF, 0xF0, 0, 2],
        ]
        for segment in segments {
            _ = try judge(body + segment + [0xFF, 0xD9], "\(segment)")
        }
        #expect(LosslessSample.verdict(body + segments[0] + [0xFF, 0xD9]) == nil)
    }

    @Test("a header that claims more pixels than there are is refused")
    func claims() throws {
        for recipe in Self.kinds {
            var bytes = try recipe.make()
            let frame = try #require(
                (LosslessSample.places(of: 0xC0, in: bytes) + LosslessSample.places(of: 0xC2, in: bytes)).first
            )
            bytes[frame + 5] = 4
            let error = try #require(LosslessSample.verdict(bytes))
            #expect([.truncated, .corrupt].contains(error.code), "\(error)")
            bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
            #expect(LosslessSample.verdict(bytes)?.code == .tooManyPixels)
        }
    }
}
