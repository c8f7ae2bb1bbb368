import Imaging
import Testing

/// Each step against other people's code.
///
/// `definition` is the same arithmetic in double precision. A peer that is not named for a step has to give the very
/// same samples. Where one defines a step otherwise, the bound is what that makes on these tiles, in levels of the
/// sample type:
/// - OpenCV (and Albumentations with it) rounds positions of a rotation to 1/32 of a pixel, here they have 11 or 16
///   binary places. On photographs that is 1 level of 255, between black and white neighbours 6.
/// - Albumentations cuts fractions off where brightness, contrast and gamma are rounded here.
/// - Albumentations draws dropout's holes and quarter turns itself; here it is handed the ones that were drawn. It fills
///   alpha like a colour, which here stays: so it gets the colours alone.
/// - Albumentations holds hue in double degrees and saturation in 8 bits: 4 levels on photographs, 6 on noise.
@Suite("Augmentation beside Albumentations, OpenCV and NumPy", .timeLimit(.minutes(5)))
struct AugmentPeerTests {
    static let bounds: [SampleType: [String: [String: Double]]] = [
        .u8: [
            "rotate": ["definition": 1, "opencv": 6, "albumentations": 6],
            "scale-crop": ["definition": 1, "opencv": 1, "albumentations": 1],
            "brightness": ["albumentations": 1],
            "contrast": ["albumentations": 1],
            "gamma": ["albumentations": 1],
            "hue-saturation": ["definition": 1, "albumentations": 6],
            "blur": ["definition": 1, "opencv": 1, "albumentations": 1],
            // Equal with libjpeg-turbo on both sides; another libjpeg may round otherwise.
            "jpeg": ["albumentations": 1],
        ],
        .u16: [
            "rotate": ["definition": 1, "opencv": 1_500, "albumentations": 1_500],
            "scale-crop": ["definition": 1, "opencv": 1, "albumentations": 1],
            "hue-saturation": ["definition": 2],
            // Weights have 16 binary places, and 225 of them add up at the widest.
            "blur": ["definition": 4, "opencv": 4],
        ],
    ]

    @Test("geometry is what the peers do", arguments: Samples.Content.allCases, [SampleType.u8, .u16])
    func geometry(content: Samples.Content, sample: SampleType) async throws {
        try await compare(AugmentTrials.geometry, content, sample)
    }

    @Test("changes of colour are what the peers do", arguments: Samples.Content.allCases, [SampleType.u8, .u16])
    func colour(content: Samples.Content, sample: SampleType) async throws {
        try await compare(AugmentTrials.colour, content, sample)
    }

    @Test("JPEG loses what OpenCV's loses")
    func jpeg() async throws {
        try await compare(AugmentTrials.jpeg, .photograph, .u8)
    }

    private func compare(_ steps: [AppliedStep], _ content: Samples.Content, _ sample: SampleType) async throws {
        let judge = try TransformJudge()
        var asked: [(step: AppliedStep, channels: Int)] = []
        for (width, height, channels) in [(61, 43, 3), (32, 64, 1), (17, 9, 4), (40, 24, 2)] {
            let tile = try Samples.tile(content, width: width, height: height, channels: channels, sample: sample)
            for step in steps {
                let facts: [String: Any] = ["name": step.name, "parameters": step.parameters]
                try judge.add(["step": facts], from: tile, to: try Augmenter.apply([step], to: tile))
                asked.append((step, channels))
            }
        }
        let verdicts: [[String: TransformJudge.Verdict]] = try await judge.verdicts(of: "judge_augmentations")
        #expect(verdicts.count == asked.count)
        for ((step, channels), verdicts) in zip(asked, verdicts) {
            #expect(!verdicts.isEmpty, "nobody judged \(step.name)")
            for (peer, verdict) in verdicts {
                let bound = Self.bounds[sample]?[step.name]?[peer] ?? 0
                #expect(verdict.max <= bound, "\(step) of \(channels) channels of \(sample), \(peer): \(verdict)")
            }
        }
    }
}
