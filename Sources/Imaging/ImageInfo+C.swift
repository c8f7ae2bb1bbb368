import CImaging

extension ImageInfo {
    /// Translates what a C decoder read.
    init(_ header: imaging_header, format: ImageFormat) {
        self.init(
            format: format,
            width: Int(header.width),
            height: Int(header.height),
            channels: Int(header.channels),
            bitDepth: Int(header.bit_depth),
            storedBitDepth: Int(header.stored_bit_depth),
            progressive: header.progressive != 0,
            colourModel: ColourModel(UInt32(bitPattern: header.model)),
            colourSampling: header.horizontal_sampling == 0
                ? nil : ColourSampling(across: header.horizontal_sampling, down: header.vertical_sampling)
        )
    }
}

extension ColourModel {
    fileprivate init(_ model: UInt32) {
        self =
            switch imaging_model(rawValue: model) {
            case IMAGING_MODEL_GREY: .grey
            case IMAGING_MODEL_GREY_ALPHA: .greyAlpha
            case IMAGING_MODEL_RGBA: .rgba
            case IMAGING_MODEL_PALETTE: .palette
            case IMAGING_MODEL_YCBCR: .ycbcr
            case IMAGING_MODEL_CMYK: .cmyk
            case IMAGING_MODEL_YCCK: .ycck
            default: .rgb
            }
    }
}
