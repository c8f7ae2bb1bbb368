import Imaging

// Scans and restarts that are not as the frame says, and tables that no decoder can use.
extension CorpusOddJPEGTests {
    static let scans: [OddFile] = [
        .refused(.truncated, "no end marker", { try cjpeg()().dropLast(2) }),
        .refused(.truncated, "half an end marker", { try cjpeg()().dropLast(1) }),
        .refused(.truncated, "no coded pixels", changed { $0[0xDA].pixels = [] }),
        .refused(
            .truncated,
            "half of the coded pixels, then the end",
            changed { file in
                file[0xDA].pixels.removeLast(file[0xDA].pixels.count / 2)
            }
        ),
        .refused(
            .corrupt,
            "bytes between the pixels and the end",
            changed { file in
                file[0xDA].pixels += [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
            }
        ),
        .refused(.corrupt, "the scan twice", changed { file in file.segments.append(file[0xDA]) }),
        .refused(.corrupt, "a scan header with a byte too many", changed { $0[0xDA].body.append(0) }),
        .refused(.corrupt, "a scan of no components", changed { $0[0xDA].body = [0, 0, 63, 0] }),
        .refused(.corrupt, "a scan of an unknown component", changed { $0[0xDA].body[1] = 77 }),
        .refused(
            .corrupt,
            "a scan of one component three times",
            changed { file in
                file[0xDA].body[3] = file[0xDA].body[1]
                file[0xDA].body[5] = file[0xDA].body[1]
            }
        ),
        .refused(
            .corrupt,
            "a scan before the frame header",
            changed { file in
                file.segments.insert(file[0xDA], at: 0)
            }
        ),
        .refused(
            .truncated,
            "a component that is never sent",
            {
                var file = CorpusJPEG(try CorpusSeed.notInterleaved())
                file.segments.removeLast()
                return file.bytes
            }
        ),
        .refused(
            .corrupt,
            "restart markers out of order",
            changed("-restart", "1") { file in
                let at = file[0xDA].pixels.indices.dropLast().first {
                    file[0xDA].pixels[$0] == 0xFF && file[0xDA].pixels[$0 + 1] == 0xD0
                }
                if let at { file[0xDA].pixels[at + 1] = 0xD4 }
            }
        ),
        .refused(.truncated, "restart markers that were not announced", changed("-restart", "1") { $0.remove(0xDD) }),
        .refused(.corrupt, "restarts that never come", changed { $0.insert(0xDD, [0, 2]) }),
        .refused(.corrupt, "a restart interval of one byte", changed { $0.insert(0xDD, [0]) }),
        .refused(.corrupt, "progressive: coefficients above 63", changed("-progressive") { $0[0xDA].body[8] = 64 }),
        .refused(.corrupt, "progressive: bits below zero", changed("-progressive") { $0[0xDA].body[9] = 0xEE }),
        .refused(.corrupt, "progressive: a refinement of nothing", changed("-progressive") { $0[0xDA].body[9] = 0x21 }),
        .refused(.corrupt, "progressive pixels in a baseline frame", changed("-progressive") { $0[0xC2].code = 0xC0 }),
        .refused(.corrupt, "a baseline scan in a progressive frame", changed { $0[0xC0].code = 0xC2 }),
        .refused(
            .corrupt,
            "progressive: the second scan is missing",
            changed("-progressive") { file in
                let scans = file.segments.indices.filter { file.segments[$0].code == 0xDA }
                file.segments.remove(at: scans[1])
            }
        ),
    ]

    static let tables: [OddFile] = [
        .refused(.corrupt, "no quantisation tables", changed { $0.remove(0xDB) }),
        .refused(.corrupt, "a quantisation table cut short", changed { $0[0xDB].body.removeLast(9) }),
        .refused(.corrupt, "a quantisation table of number 15", changed { $0[0xDB].body[0] = 0x0F }),
        .refused(.corrupt, "a Huffman table of number 15", changed { $0[0xC4].body[0] = 0x0F }),
        .refused(
            .corrupt,
            "a Huffman table with 255 codes of each length",
            changed { file in
                file[0xC4].body.replaceSubrange(1...16, with: [UInt8](repeating: 255, count: 16))
            }
        ),
        .refused(
            .corrupt,
            "a Huffman table with three codes of one bit",
            changed { file in
                file[0xC4].body = [0, 3] + [UInt8](repeating: 0, count: 15) + [0, 1, 2]
            }
        ),
        .refused(.corrupt, "a Huffman table with fewer symbols than codes", changed { $0[0xC4].body.removeLast() }),
        .refused(
            .corrupt,
            "a DC table with a category of 200",
            changed { file in
                file[0xC4].body[17] = 200
            }
        ),
        .refused(
            .corrupt,
            "an empty Huffman table",
            changed { file in
                file[0xC4].body = [0] + [UInt8](repeating: 0, count: 16)
            }
        ),
        .refused(.corrupt, "a scan that asks for a table that was never sent", changed { $0[0xDA].body[2] = 0x33 }),
    ]
}
