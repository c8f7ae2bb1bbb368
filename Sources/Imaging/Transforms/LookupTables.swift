import CImaging

/// A new sample for each level of each channel.
package struct LookupTables: Sendable, Equatable {
    package let input: SampleType
    package let output: SampleType
    package let channels: Int
    /// 256 or 65,536 entries a channel in native byte order, channel after channel.
    let entries: [UInt8]

    /// A tile whose samples are replaced.
    package func apply(to tile: PixelTile) throws(ImagingError) -> PixelTile {
        var shape = try tile.shape(for: "a look-up table")
        guard tile.channels == channels, tile.sample == input else {
            throw ImagingError(.invalidSettings, "the tables are of other channels or samples than the tile")
        }
        let size = tile.width * tile.height * channels * output.bytes
        var failure = imaging_failure()
        var code: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { out, count in
            code = unsafe imaging_lookup(
                tile.bytes,
                &shape,
                entries,
                Int32(output.bytes),
                out.baseAddress,
                &failure
            )
            count = code == 0 ? size : 0
        }
        guard code == 0 else { throw ImagingError(failure) }
        return PixelTile(like: tile, sample: output, bytes: bytes)
    }

    /// The bytes of an array of numbers.
    static func bytes<Number: BitwiseCopyable>(of numbers: [Number]) -> [UInt8] {
        unsafe numbers.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
