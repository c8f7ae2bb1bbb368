extension ImageMetadata {
    /// Reads the EXIF and XMP blocks and the colour profile of a JPEG or PNG file.
    ///
    /// The bytes are not trusted: every offset and count is checked, any input ends in a value, and the work is
    /// bounded by the size of the metadata blocks. A file of another kind gives an empty value.
    package static func read(_ image: Span<UInt8>) -> ImageMetadata {
        var metadata = ImageMetadata()
        let blocks = MetadataBlocks(of: image)
        for doubt in blocks.doubts { metadata.doubt(doubt) }
        metadata.blocks["exif"] = blocks.exif.map(MetadataBlock.init)
        metadata.blocks["xmp"] = blocks.xmp.map(MetadataBlock.init)
        if let exif = blocks.exif { metadata.fill(fromExif: exif) }
        if let xmp = blocks.xmp { metadata.fill(fromXMP: xmp) }
        metadata.quote(blocks.pngColour, in: "png")
        let colour = ICCProfile.read(blocks.profile)
        for doubt in colour.doubts { metadata.doubt(doubt) }
        metadata.profile = colour.profile
        return metadata
    }

    /// Reads the EXIF and XMP blocks and the colour profile of a JPEG or PNG file.
    package static func read(_ image: [UInt8]) -> ImageMetadata {
        read(image.span)
    }
}
