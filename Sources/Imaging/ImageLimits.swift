/// What an image may ask for; checked from its header, before anything is allocated.
package struct ImageLimits: Sendable, Equatable {
    /// Stored pixels.
    package var maxPixels: Int
    package var maxTiles: Int
    /// Bytes of the file, which is held in memory.
    package var maxFileBytes: Int
    /// Memory for what cannot be decoded row by row: a progressive JPEG's coefficients, an interlaced PNG's pixels.
    package var maxBufferedBytes: Int
    /// Memory for the strip that tiles are cut from: a row of pixels times a tile's height.
    package var maxStripBytes: Int
    /// Scans of a progressive JPEG; encoders write 6 to 12, and each costs a pass over the whole image.
    ///
    /// Large images are allowed fewer: as many as make 2^26 blocks, and at least 16.
    package var maxScans: Int

    package init(
        maxPixels: Int = 1_000_000_000,
        maxTiles: Int = 1_000_000,
        maxFileBytes: Int = 2 << 30,
        maxBufferedBytes: Int = 512 << 20,
        maxStripBytes: Int = 2 << 30,
        maxScans: Int = 500
    ) {
        self.maxPixels = maxPixels
        self.maxTiles = maxTiles
        self.maxFileBytes = maxFileBytes
        self.maxBufferedBytes = maxBufferedBytes
        self.maxStripBytes = maxStripBytes
        self.maxScans = maxScans
    }
}
