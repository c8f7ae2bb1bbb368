import Imaging
import Testing

@Suite("What a variant shows of its image")
struct VariantWindowTests {
    private func tile(_ steps: [AppliedStep], width: Int = 200, height: Int = 100) -> EncodedTile {
        let across = TileSpan(start: 1_000, length: 200, valid: 180)
        let down = TileSpan(start: 500, length: 100, valid: 100)
        return EncodedTile(
            window: TileWindow(row: 0, column: 0, across: across, down: down),
            variant: steps.isEmpty ? 0 : 1,
            steps: steps,
            width: width,
            height: height,
            bytes: [],
            sha256: [],
            md5: []
        )
    }

    private static func crop(_ x: Double, _ y: Double) -> AppliedStep {
        AppliedStep(name: "scale-crop", parameters: ["scale": [0.5], "x": [x], "y": [y]])
    }

    @Test("a plain tile shows what is image in its window; flips and tones change nothing about that")
    func whole() {
        let all = PixelWindow(x: 1_000, y: 500, width: 180, height: 100)
        for steps in [
            [], [AppliedStep(name: "flip-horizontal")], [AppliedStep(name: "flip-vertical")],
            [AppliedStep(name: "brightness", parameters: ["delta": [0.2]])],
            [AppliedStep(name: "rotate", parameters: ["degrees": [7]])],
        ] {
            #expect(tile(steps).shownWindow == all, "\(steps)")
        }
        let turned = [AppliedStep(name: "rotate-90", parameters: ["turns": [1]])]
        #expect(tile(turned, width: 100, height: 200).shownWindow == all)
    }

    @Test("a crop shows its part, of a tile that was turned before the part that lay there")
    func cropped() {
        #expect(tile([Self.crop(0, 0)]).shownWindow == PixelWindow(x: 1_000, y: 500, width: 100, height: 50))
        // The last column of the upper half: 20 of its pixels are padding.
        #expect(tile([Self.crop(1, 0)]).shownWindow == PixelWindow(x: 1_100, y: 500, width: 80, height: 50))
        let flipped = [AppliedStep(name: "flip-horizontal"), Self.crop(0, 1)]
        #expect(tile(flipped).shownWindow == PixelWindow(x: 1_100, y: 550, width: 80, height: 50))
        // Counter-clockwise, the right edge comes to the top.
        let turned = [AppliedStep(name: "rotate-90", parameters: ["turns": [1]]), Self.crop(0, 0)]
        let corner = PixelWindow(x: 1_100, y: 500, width: 80, height: 50)
        #expect(tile(turned, width: 100, height: 200).shownWindow == corner)
    }

    @Test("a crop of padding alone shows nothing")
    func padding() {
        let step = AppliedStep(name: "scale-crop", parameters: ["scale": [0.1], "x": [1], "y": [0]])
        #expect(tile([step]).shownWindow == nil)
    }
}
