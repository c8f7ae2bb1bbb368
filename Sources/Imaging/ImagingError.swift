/// Why an image could not be read, cut or encoded.
///
/// The code is for programs (it is stored with quarantined objects and never changes its spelling); the message is for
/// people and says what to do.
package struct ImagingError: Error, Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        /// The file cannot be opened or read.
        case unreadableFile = "unreadable-file"
        /// The file has no bytes.
        case emptyFile = "empty-file"
        /// The bytes are not an image of any known kind.
        case notAnImage = "not-an-image"
        /// The bytes are of a known kind that is not cut.
        case unsupportedFormat = "unsupported-format"
        /// The file ends before the image does.
        case truncated
        /// The file contradicts itself or its format.
        case corrupt
        /// The file has more bytes than the limits allow.
        case fileTooLarge = "file-too-large"
        /// The header claims more pixels than the limits allow.
        case tooManyPixels = "too-many-pixels"
        /// The machine has no memory left for an image within the limits; worth another try.
        case outOfMemory = "out-of-memory"
        /// The settings would give more tiles than the limits allow.
        case tooManyTiles = "too-many-tiles"
        /// The tile settings contradict themselves.
        case invalidSettings = "invalid-settings"
        /// The pixels cannot be written in the asked format.
        case encodeFailed = "encode-failed"
        /// The caller asked to stop.
        case cancelled
    }

    package let code: Code
    package let message: String
    /// The stored pixel row that was being decoded, counted from 0.
    package let row: Int?
    /// How many bytes into the file the fault lies.
    package let byteOffset: Int?

    package init(_ code: Code, _ message: String, row: Int? = nil, byteOffset: Int? = nil) {
        self.code = code
        self.message = message
        self.row = row
        self.byteOffset = byteOffset
    }
}

extension ImagingError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(explanation)" }

    /// The message with the place in the image or file, where it is known.
    package var explanation: String {
        var text = message
        if let row { text += " [row \(row)]" }
        if let byteOffset { text += " [byte \(byteOffset)]" }
        return text
    }
}
