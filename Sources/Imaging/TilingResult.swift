/// What became of one image.
package struct TilingResult: Sendable, Equatable {
    package let info: ImageInfo
    package let tiles: Int
    package let tileBytes: Int
    /// Bytes after the end of the image, which cameras use for previews.
    package let trailingBytes: Int
    package let orientedWidth: Int
    package let orientedHeight: Int
}
