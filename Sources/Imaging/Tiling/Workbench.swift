/// The buffers of one thread that makes tiles, kept from tile to tile.
///
/// Only the thread that took it from the queue's shelf uses it, which is why it is safe to send.
final class Workbench: @unchecked Sendable {
    var filtered = EncodeBuffer()
    var out = EncodeBuffer()
    let band = CodedBand()
    /// Pixels of a tile that could not be encoded from where they lie.
    var pixels: [UInt8] = []
}
