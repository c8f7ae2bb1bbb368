import Imaging

// Files that follow the specification (PNG, third edition) where few do.
extension CorpusOddPNGTests {
    private static let legal = [
        (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16),
        (6, 8), (6, 16),
    ]

    static let formats: [OddFile] = legal.flatMap { type, depth in
        [false, true].flatMap { interlaced in
            [(3, 5), (33, 21)].map { width, height in
                .pixels("type \(type), \(depth) bits, \(width) x \(height)\(interlaced ? ", interlaced" : "")") {
                    CorpusPNG(
                        width: width,
                        height: height,
                        bitDepth: depth,
                        colourType: type,
                        interlaced: interlaced,
                        seed: UInt64(width * depth + type)
                    ).bytes
                }
            }
        }
    }

    static let oddChunks: [OddFile] = [
        .pixels(
            "one transparent grey of 8 bits",
            changed(colourType: 0) { file in
                file.insert("tRNS", [0, 77], before: "IDAT")
            }
        ),
        .pixels(
            "one transparent grey of 2 bits",
            changed(bitDepth: 2, colourType: 0) { file in
                file.insert("tRNS", [0, 2], before: "IDAT")
            }
        ),
        .pixels(
            "one transparent colour of 16 bits",
            changed(bitDepth: 16) { file in
                file.insert("tRNS", [0, 1, 0, 2, 0, 3], before: "IDAT")
            }
        ),
        .pixels(
            "a palette of which three colours are transparent",
            changed(bitDepth: 4, colourType: 3) { file in
                file.insert("tRNS", [0, 128, 254], before: "IDAT")
            }
        ),
        .pixels(
            "a palette of more colours than the bits can name",
            changed(bitDepth: 1, colourType: 3) { file in
                file["PLTE"] += [1, 2, 3]
            }
        ),
        .pixels(
            "a palette for screens of few colours",
            changed { file in
                file.insert("PLTE", [1, 2, 3, 4, 5, 6], before: "IDAT")
            }
        ),
        .pixels(
            "a chunk for each byte of the stream, and empty ones between",
            changed { file in
                let stream = file["IDAT"]
                file.chunks.removeAll { $0.name == "IDAT" }
                for byte in stream {
                    file.insert("IDAT", [byte], before: "IEND")
                    file.insert("IDAT", [], before: "IEND")
                }
            }
        ),
        .pixels(
            "an unknown chunk that may be passed over",
            changed { file in
                file.insert("swTh", [1, 2, 3], before: "IDAT")
            }
        ),
        .pixels(
            "an animation's chunks",
            changed { file in
                file.insert("acTL", [0, 0, 0, 2, 0, 0, 0, 0], before: "IDAT")
                file.insert("fdAT", [0, 0, 0, 1] + file["IDAT"], before: "IEND")
            }
        ),
        .pixels(
            "a colour profile, times and notes that are damaged",
            changed { file in
                let names = "iCCP sBIT bKGD hIST pHYs tIME sPLT zTXt iTXt tEXt eXIf cHRM"
                for name in names.split(separator: " ").map(String.init) {
                    file.insert(name, [0, 1, 2], before: "IDAT")
                    file.insert(name, [], before: "IDAT")
                }
            }
        ),
        .pixels(
            "text behind the pixels",
            changed { file in
                file.insert("tEXt", Array("Comment".utf8) + [0, 65], before: "IEND")
            }
        ),
        .pixels(
            "a stream that claims the smallest window",
            changed { file in
                // 256 bytes; stored blocks look back at nothing. The check bits make it a multiple of 31.
                file["IDAT"].replaceSubrange(0..<2, with: [0x08, 0x1D])
            }
        ),
    ]
}
