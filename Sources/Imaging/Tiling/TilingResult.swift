/// What became of one image.
package struct TilingResult: Sendable, Equatable {
    package let info: ImageInfo
    package let tiles: Int
    package let tileBytes: Int
    /// Tiles that were left out as blank.
    package let skippedTiles: Int
    /// Pixels that no tile shows: none but under the edge policy `drop`.
    package let uncoveredPixels: Int
    /// Bytes after the end of the image, which cameras use for previews.
    package let trailingBytes: Int
    package let orientedWidth: Int
    package let orientedHeight: Int
}
