import Imaging

// Pixels that are not what the header says, in streams that zlib can and cannot read.
extension CorpusOddPNGTests {
    static let streams: [OddFile] = [
        .refused(.corrupt, "an empty stream", changed { $0["IDAT"] = [] }),
        .refused(.corrupt, "a row too few", changed { $0["IDAT"] = CorpusPNG.zlib(rows(12)) }),
        .refused(.corrupt, "a row too many", changed { $0["IDAT"] = CorpusPNG.zlib(rows(14)) }),
        .refused(.corrupt, "filter 5", changed { $0["IDAT"] = CorpusPNG.zlib(rows(13, filter: 5)) }),
        .refused(
            .corrupt,
            "filter 255 in a row that filters go by",
            changed { file in
                file["IDAT"] = CorpusPNG.zlib(rows(6) + rows(7, filter: 255))
            }
        ),
        .refused(
            .corrupt,
            "a wrong checksum",
            changed { file in
                file["IDAT"][file["IDAT"].count - 1] ^= 1
            }
        ),
        .refused(.corrupt, "no checksum", changed { $0["IDAT"].removeLast(4) }),
        .refused(.corrupt, "bytes behind the stream", changed { $0["IDAT"] += [1, 2, 3] }),
        .refused(.corrupt, "a second stream", changed { $0["IDAT"] += $0["IDAT"] }),
        .refused(.corrupt, "a stream that is no zlib stream", changed { $0["IDAT"][0] = 0x79 }),
        .refused(
            .corrupt,
            "a stream that wants a dictionary",
            changed { file in
                file["IDAT"].replaceSubrange(0..<2, with: [0x78, 0x20])
            }
        ),
        .refused(
            .corrupt,
            "a window larger than zlib's",
            changed { file in
                file["IDAT"].replaceSubrange(0..<2, with: [0x88, 0x1C])
            }
        ),
        .refused(.corrupt, "an unknown kind of block", changed { $0["IDAT"][2] = 0x07 }),
        .refused(.corrupt, "a stored block whose lengths disagree", changed { $0["IDAT"][5] ^= 1 }),
    ]

    /// Rows of a picture of 19 RGB pixels across.
    private static func rows(_ count: Int, filter: UInt8 = 0) -> [UInt8] {
        (0..<count).flatMap { _ in [filter] + [UInt8](repeating: 7, count: 57) }
    }
}
