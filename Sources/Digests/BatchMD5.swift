import CDigests
import Crypto

/// MD5 of many files at once.
///
/// DVC names files by MD5, and one digest after the other costs as much as decoding does: each step of MD5 waits for
/// the one before. Eight files side by side take hardly longer than one.
package enum BatchMD5 {
    /// How many files are digested side by side.
    package static let lanes = 8

    /// The digests of all files, in their order.
    package static func digests(of files: [[UInt8]]) -> [[UInt8]] {
        guard files.count > 2 else { return files.map { Array(Insecure.MD5.hash(data: $0)) } }
        // The longest first, so that no lane is left with a long file when the others are done.
        let order = files.indices.sorted { (files[$0].count, $1) > (files[$1].count, $0) }
        var results = [UInt8](repeating: 0, count: 16 * files.count)
        unsafe digest(order.map { files[$0] }[...], pointers: [], into: &results)
        var digests = [[UInt8]](repeating: [], count: files.count)
        for (place, index) in order.enumerated() {
            digests[index] = Array(results[16 * place..<16 * place + 16])
        }
        return digests
    }

    /// Opens one array after the other, because their bytes stay in place only inside of each call.
    private static func digest(
        _ rest: ArraySlice<[UInt8]>,
        pointers: [UnsafeBufferPointer<UInt8>],
        into results: inout [UInt8]
    ) {
        if let file = rest.first {
            unsafe file.withUnsafeBufferPointer { bytes in
                unsafe digest(rest.dropFirst(), pointers: pointers + [bytes], into: &results)
            }
            return
        }
        let starts = unsafe pointers.map { $0.baseAddress }
        let counts = unsafe pointers.map { $0.count }
        unsafe digests_md5(starts, counts, counts.count, &results)
    }
}
