/// Writes NumPy's array files, format version 1.0 (NEP 1, "A simple file format for NumPy arrays").
package enum NPYEncoder {
    /// An array of shape (height, width, channels), or (height, width) where there is one channel; in C order, little
    /// endian.
    package static func encode(_ tile: PixelTile) throws(ImagingError) -> [UInt8] {
        try tile.check()
        let header = header(of: tile)
        var file: [UInt8] = []
        file.reserveCapacity(10 + header.count + tile.bytes.count)
        file += [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 0xFF), UInt8(header.count >> 8)]
        file += header
        file += littleEndian(tile)
        return file
    }

    /// A Python dictionary, padded so that the samples begin at a multiple of 64 bytes.
    private static func header(of tile: PixelTile) -> [UInt8] {
        let kind =
            switch tile.sample {
            case .u8: "|u1"
            case .u16: "<u2"
            case .f16: "<f2"
            case .f32: "<f4"
            }
        let shape =
            tile.channels == 1
            ? "(\(tile.height), \(tile.width))" : "(\(tile.height), \(tile.width), \(tile.channels))"
        let text = "{'descr': '\(kind)', 'fortran_order': False, 'shape': \(shape), }"
        // 10 bytes stand before the header, and a line feed ends it.
        let padding = 63 - (10 + text.utf8.count) % 64
        return Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0A]
    }

    private static func littleEndian(_ tile: PixelTile) -> [UInt8] {
        guard !PixelTile.isLittleEndian else { return tile.bytes }
        let size = tile.sample.bytes
        return tile.bytes.indices.map { tile.bytes[$0 - $0 % size + size - 1 - $0 % size] }
    }
}
