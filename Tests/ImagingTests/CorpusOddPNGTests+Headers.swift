import Imaging

// Signatures and headers that break the rules.
extension CorpusOddPNGTests {
    static let headers: [OddFile] = [
        .refused(.truncated, "the signature alone", { CorpusPNG.signature }),
        .refused(.notAnImage, "a signature that a text transfer changed", changedSignature),
        .refused(.corrupt, "no header", changed { $0.chunks.removeFirst() }),
        .refused(.corrupt, "two headers", changed { file in file.insert("IHDR", file["IHDR"], before: "IDAT") }),
        .refused(.corrupt, "a header with a byte too many", changed { $0["IHDR"].append(0) }),
        .refused(.corrupt, "a header with a byte too few", changed { $0["IHDR"].removeLast() }),
        .refused(.corrupt, "3 bits a sample", changed { $0["IHDR"][8] = 3 }),
        .refused(.corrupt, "4 bits of RGB", changed { $0["IHDR"][8] = 4 }),
        .refused(.corrupt, "16 bits of palette", changed(colourType: 3) { $0["IHDR"][8] = 16 }),
        .refused(.corrupt, "colour type 1", changed { $0["IHDR"][9] = 1 }),
        .refused(.corrupt, "colour type 255", changed { $0["IHDR"][9] = 255 }),
        .refused(.corrupt, "an unknown compression", changed { $0["IHDR"][10] = 1 }),
        .refused(.corrupt, "MNG's filter method", changed { $0["IHDR"][11] = 64 }),
        .refused(.corrupt, "an unknown interlacing", changed { $0["IHDR"][12] = 2 }),
        .refused(.corrupt, "no width", changed { $0["IHDR"].replaceSubrange(0..<4, with: [0, 0, 0, 0]) }),
        .refused(
            .tooManyPixels,
            "a width of 2^32 - 1",
            changed { file in
                file["IHDR"].replaceSubrange(0..<4, with: [255, 255, 255, 255])
            }
        ),
        .refused(
            .unsupportedFormat,
            "Apple's variant",
            changed { file in
                file.insert("CgBI", [0x50, 0, 0x20, 6], before: "IHDR")
            }
        ),
        .refused(
            .unsupportedFormat,
            "an MNG animation",
            {
                [0x8A, 0x4D, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 0, count: 40)
            }
        ),
    ]

    private static let changedSignature: @Sendable () throws -> [UInt8] = {
        var bytes = try changed { _ in }()
        bytes.remove(at: 4)
        return bytes
    }
}
