/// One finished tile: a complete PNG or JPEG file, and its digests.
package struct EncodedTile: Sendable {
    package let window: TileWindow
    package let bytes: [UInt8]
    /// 32 bytes.
    package let sha256: [UInt8]
    /// 16 bytes, the name that DVC knows the file by.
    package let md5: [UInt8]
}
