import CImaging

/// The libraries whose versions may show in a tile's bytes, besides the engine's own revision.
///
/// libjpeg decodes JPEG sources and writes `jpeg` tiles, and lossless ones of files that are not spliced; zlib has a part
/// in `small` PNG tiles, and packs the colour profile of PNG tiles. They are no part of a recipe: another version of them
/// gives the same bytes far more often than not, and would make every tile anew.
package enum ImagingLibraries {
    /// Versions by name: `["libjpeg": "libjpeg-turbo 2.1.5", "zlib": "1.3.1"]`.
    package static var versions: [String: String] {
        [
            "libjpeg": unsafe String(cString: imaging_jpeg_library()),
            "zlib": unsafe String(cString: imaging_zlib_library()),
        ]
    }
}
