import Imaging

/// What every target starts from: the bytes that libFuzzer made, and limits that keep one input quick.
enum FuzzInput {
    static let limits = ImageLimits(
        maxPixels: 1 << 20,
        maxTiles: 2_000,
        maxBufferedBytes: 16 << 20,
        maxStripBytes: 16 << 20,
        maxScans: 40
    )

    static func file(_ data: UnsafePointer<UInt8>, _ size: Int) -> ImageFile {
        ImageFile(bytes: Array(UnsafeBufferPointer(start: data, count: size)))
    }

    /// Anything but a reason with words in it is a finding.
    static func expectReason(_ error: any Error) {
        guard let error = error as? ImagingError else { fatalError("no imaging error: \(error)") }
        precondition(!error.message.isEmpty, "an error without words")
        precondition(!error.description.isEmpty)
    }
}
