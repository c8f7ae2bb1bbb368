import Crypto
import Digests
import TestSupport
import Testing

@Suite("Batched MD5")
struct BatchMD5Tests {
    @Test("gives the digests of swift-crypto, for any number of files of any length", arguments: 0..<40)
    func equals(count: Int) {
        var noise = SeededGenerator(seed: UInt64(count))
        // The lengths around a block's end take one or two padding blocks.
        let files = (0..<count).map { index -> [UInt8] in
            let length =
                index < 12
                ? [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 4096][index]
                : Int.random(in: 0...9000, using: &noise)
            return (0..<length).map { _ in UInt8.random(in: 0...255, using: &noise) }
        }.shuffled(using: &noise)
        #expect(BatchMD5.digests(of: files) == files.map { Array(Insecure.MD5.hash(data: $0)) })
    }
}
