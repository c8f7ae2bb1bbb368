package import Imaging

/// A synthetic survey flight: overlapping aerial frames of one continuous drawn landscape, as JPEG files.
///
/// The frames carry EXIF and DJI-style XMP that agree with what they show, so that footprints of neighbours overlap as
/// the pictures do. The same settings give the same bytes, however many workers draw them.
package struct SampleFlight: Sendable {
    package let images: Int
    package let megapixels: Double
    package let seed: UInt64

    /// The quality of the JPEG files, on libjpeg's scale.
    package static let quality = 92

    package init(images: Int, megapixels: Double = 20, seed: UInt64 = 1) {
        self.images = images
        self.megapixels = megapixels
        self.seed = seed
    }

    /// The size of each frame, 3:2, both sides divisible by sixteen; 20 MP are 5472 × 3648.
    package var size: (width: Int, height: Int) {
        let unit = max(2, Int((megapixels * 1_000_000 / 6).squareRoot() / 8 + 0.5)) * 8
        return (unit * 3, unit * 2)
    }

    /// The file name of a frame, counted from zero.
    package static func name(_ index: Int) -> String {
        let digits = "\(index + 1)"
        return "DJI_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".JPG"
    }

    /// What the frame says about how it was taken.
    package func metadata(_ index: Int) -> ImageMetadata {
        FlightPlan(images: images, seed: seed).metadata(index)
    }

    /// Draws one frame: 8-bit RGB, row by row.
    package func pixels(_ index: Int) -> [UInt8] { pixels(index, scene: Scene(seed: seed)) }

    /// Draws and encodes one frame.
    package func frame(_ index: Int) throws(ImagingError) -> [UInt8] {
        try frame(index, scene: Scene(seed: seed))
    }

    private func pixels(_ index: Int, scene: Scene) -> [UInt8] {
        let pose = FlightPlan(images: images, seed: seed).pose(index)
        return FrameRenderer(
            scene: scene,
            pose: pose,
            width: size.width,
            height: size.height,
            sensor: CounterNoise(seed: seed, stream: 0x5E_4503_0000 &+ UInt64(index))
        ).render()
    }

    private func frame(_ index: Int, scene: Scene) throws(ImagingError) -> [UInt8] {
        let metadata = metadata(index)
        let exif = ExifWriter.segment(
            for: metadata,
            width: size.width,
            height: size.height,
            software: "Swathlog sample flight"
        )
        return try JPEGEncoder.encode(
            pixels: pixels(index, scene: scene),
            width: size.width,
            height: size.height,
            channels: 3,
            quality: Self.quality,
            markers: [(code: 0xE1, bytes: exif), (code: 0xE1, bytes: XMPWriter.segment(for: metadata))]
        )
    }

    /// Writes all frames as `DJI_0001.JPG` and so on into a directory, which is made when it is missing.
    ///
    /// Each file appears whole or not at all: it is written under a temporary name and renamed. A file that is there
    /// already is never replaced: where it is not what would be written, nothing is. The first failure, or the cancellation
    /// of the task, stops the other workers after their frame.
    ///
    /// - Parameters:
    ///   - directory: The path of the directory.
    ///   - workers: How many threads draw at the same time.
    ///   - progress: Called after each frame with the number of finished frames and of all, in order, from one thread
    ///     at a time.
    /// - Throws: ``SampleFlightError``, `ImagingError` or `CancellationError`.
    package func write(
        to directory: String,
        workers: Int,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws {
        guard images > 0, images <= 1_000_000, megapixels >= 0.01, megapixels <= 400, workers > 0 else {
            throw SampleFlightError(
                .invalidSettings,
                "\(images) images of \(megapixels) megapixels with \(workers) workers cannot be drawn; "
                    + "use 1 to 1,000,000 images of 0.01 to 400 megapixels and at least one worker"
            )
        }
        try FrameFile.makeDirectory(directory)
        let run = FlightRun(total: images, progress: progress)
        let scene = Scene(seed: seed)
        try await withTaskCancellationHandler {
            // What is there comes first, so that nothing is put beside the images of somebody else.
            for isThere in [true, false] {
                let frames = (0..<images).filter { FrameFile.exists("\(directory)/\(Self.name($0))") == isThere }
                try await run.perform(frames, workers: workers) { index in
                    try FrameFile.save(frame(index, scene: scene), to: directory, name: Self.name(index))
                }
            }
        } onCancel: {
            run.cancel()
        }
    }
}
