import Imaging

// Sound files with segments that were added, changed or taken out.
extension CorpusOddJPEGTests {
    static let segments: [OddFile] = [
        .pixels(
            "comments: none, empty, and as long as can be",
            changed { file in
                for count in [0, 1, 65_533] { file.insert(0xFE, [UInt8](repeating: 0xFF, count: count)) }
            }
        ),
        .pixels(
            "every application segment, empty and full",
            changed { file in
                for code in (0xE1...0xEF).map({ UInt8($0) }) {
                    file.insert(code, [], at: 1)
                    file.insert(code, [UInt8](repeating: 0xD9, count: 65_533), at: 1)
                }
            }
        ),
        .pixels(
            "a whole JPEG as a thumbnail in EXIF",
            changed { file in
                file.insert(0xE1, Array("Exif".utf8) + [0, 0] + file.bytes, at: 1)
            }
        ),
        .pixels(
            "JFIF with a thumbnail and version 1.99",
            changed { file in
                file[0xE0].body[6] = 99
                file[0xE0].body[12...13] = [2, 2]
                file[0xE0].body += [UInt8](repeating: 9, count: 12)
            }
        ),
        .pixels("no JFIF segment", changed { $0.remove(0xE0) }),
        .pixels(
            "Adobe's segment says RGB against JFIF",
            changed { file in
                file.insert(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0], at: 0)
            }
        ),
        .pixels(
            "Adobe's segment says RGB, and no JFIF",
            changed { file in
                file.remove(0xE0)
                file.insert(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0])
            }
        ),
        .pixels("Adobe's segment is cut short", changed { $0.insert(0xEE, Array("Adobe".utf8)) }),
        .pixels("Motion JPEG, without Huffman tables", changed { $0.remove(0xC4) }),
        .pixels(
            "tables sent twice, the first ones wrong",
            changed { file in
                file.insert(0xDB, [0] + [UInt8](repeating: 255, count: 64))
                file.insert(0xC4, [0, 1] + [UInt8](repeating: 0, count: 15) + [0])
            }
        ),
        .pixels(
            "a quantisation table of zeros",
            changed { file in
                file[0xDB].body.replaceSubrange(1..<65, with: [UInt8](repeating: 0, count: 64))
            }
        ),
        .pixels("extended sequential", changed { $0[0xC0].code = 0xC1 }),
        .pixels(
            "component numbers 0, 255 and 7",
            changed { file in
                for (index, number) in [UInt8(0), 255, 7].enumerated() {
                    file[0xC0].body[6 + 3 * index] = number
                    file[0xDA].body[1 + 2 * index] = number
                }
            }
        ),
        .pixels(
            "fill bytes before every marker",
            {
                let file = CorpusJPEG(try cjpeg()())
                return file.segments.reduce(into: [0xFF, 0xD8]) { bytes, segment in
                    let length = segment.body.count + 2
                    bytes += [0xFF, 0xFF, 0xFF, 0xFF, segment.code, UInt8(length >> 8), UInt8(length & 0xFF)]
                    bytes += segment.body + segment.pixels
                } + [0xFF, 0xFF, 0xFF, 0xD9]
            }
        ),
        .pixels("two images in one file (MPO)", { try cjpeg()() + cjpeg("-grayscale")() }),
        .pixels("65,536 bytes after the end", { try cjpeg()() + [UInt8](repeating: 0xFF, count: 65_536) }),
        .pixels("arithmetic conditioning that nothing uses", changed { $0.insert(0xCC, [0, 0x10]) }),
        .refused(.truncated, "the start alone", { [0xFF, 0xD8] }),
        .refused(.corrupt, "start and end alone", { [0xFF, 0xD8, 0xFF, 0xD9, 0, 0] }),
        .refused(.corrupt, "two starts", { try [0xFF, 0xD8] + cjpeg()() }),
        .refused(.corrupt, "no frame header", changed { $0.remove(0xC0) }),
        .refused(
            .corrupt,
            "two frame headers",
            changed { file in
                file.insert(0xC0, file[0xC0].body, at: 1)
            }
        ),
        .refused(
            .corrupt,
            "two frame headers that disagree",
            changed { file in
                var smaller = file[0xC0].body
                smaller[2] = 9
                file.insert(0xC0, smaller, at: 1)
            }
        ),
        .refused(.corrupt, "no width", changed { $0[0xC0].body.replaceSubrange(3...4, with: [0, 0]) }),
        .refused(
            .unsupportedFormat,
            "no height (DNL)",
            changed { $0[0xC0].body.replaceSubrange(1...2, with: [0, 0]) }
        ),
        .refused(.unsupportedFormat, "no components", changed { $0[0xC0].body[5] = 0 }),
        .refused(.unsupportedFormat, "255 components", changed { $0[0xC0].body[5] = 255 }),
        .refused(.corrupt, "more components than the header has room for", changed { $0[0xC0].body[5] = 4 }),
        .refused(.corrupt, "a frame header with a byte too many", changed { $0[0xC0].body.append(0) }),
        .refused(.corrupt, "a sampling factor of zero", changed { $0[0xC0].body[7] = 0x02 }),
        .refused(.corrupt, "a sampling factor of five", changed { $0[0xC0].body[7] = 0x51 }),
        .refused(
            .unsupportedFormat,
            "sampling factors that do not divide each other",
            changed { file in
                (file[0xC0].body[7], file[0xC0].body[10]) = (0x31, 0x21)
            }
        ),
        .refused(.corrupt, "a quantisation table that was never sent", changed { $0[0xC0].body[8] = 3 }),
        .refused(.corrupt, "a quantisation table's number above three", changed { $0[0xC0].body[8] = 200 }),
        .refused(.unsupportedFormat, "16 bits a sample", changed { $0[0xC0].body[0] = 16 }),
        .refused(.corrupt, "a segment shorter than its length field", changed { $0[0xE0].claim = 1 }),
        .refused(.corrupt, "a segment that reaches past the scan", changed { $0[0xE0].claim = 700 }),
        .refused(.truncated, "a segment that reaches past the end", changed { $0[0xE0].claim = 65_535 }),
    ]
}
