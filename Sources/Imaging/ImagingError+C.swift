import CImaging

extension ImagingError {
    /// Translates what a C call reported.
    init(_ failure: imaging_failure) {
        let code: Code
        switch UInt32(bitPattern: failure.code) {
        case IMAGING_TRUNCATED.rawValue: code = .truncated
        case IMAGING_UNSUPPORTED.rawValue: code = .unsupportedFormat
        case IMAGING_NO_MEMORY.rawValue: code = .outOfMemory
        case IMAGING_ENCODE_FAILED.rawValue: code = .encodeFailed
        case IMAGING_INVALID_SETTINGS.rawValue: code = .invalidSettings
        case IMAGING_TOO_LARGE.rawValue: code = .tooManyPixels
        default: code = .corrupt
        }
        var text = failure.message
        let reason = unsafe withUnsafeBytes(of: &text) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let advice =
            switch code {
            case .truncated, .corrupt: "; the file is damaged, fetch it again or take it from the camera"
            case .unsupportedFormat: "; convert it to baseline JPEG or PNG"
            default: ""
            }
        self.init(
            code,
            reason + advice,
            row: failure.row < 0 ? nil : Int(failure.row),
            byteOffset: failure.offset < 0 ? nil : Int(failure.offset)
        )
    }
}
