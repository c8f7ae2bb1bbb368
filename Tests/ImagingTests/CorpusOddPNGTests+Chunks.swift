import Imaging

// Chunks that are missing, doubled or at the wrong place.
extension CorpusOddPNGTests {
    static let chunks: [OddFile] = [
        .refused(
            .corrupt,
            "a palette image without palette",
            changed(colourType: 3) { file in
                file.chunks.removeAll { $0.name == "PLTE" }
            }
        ),
        .refused(.corrupt, "a palette of no colours", changed(colourType: 3) { $0["PLTE"] = [] }),
        .refused(.corrupt, "a palette of a third of a colour", changed(colourType: 3) { $0["PLTE"].append(1) }),
        .refused(.corrupt, "a palette of 257 colours", changed(colourType: 3) { $0["PLTE"] += [1, 2, 3] }),
        .refused(
            .corrupt,
            "two palettes",
            changed(colourType: 3) { file in
                file.insert("PLTE", file["PLTE"], before: "IDAT")
            }
        ),
        .refused(
            .corrupt,
            "a palette behind the pixels",
            changed(colourType: 3) { file in
                file.insert("PLTE", file["PLTE"], before: "IEND")
                file.chunks.remove(at: 1)
            }
        ),
        .refused(
            .corrupt,
            "a palette in a grey image",
            changed(colourType: 0) { file in
                file.insert("PLTE", [1, 2, 3], before: "IDAT")
            }
        ),
        .refused(
            .corrupt,
            "a transparent colour beside an alpha channel",
            changed(colourType: 6) { file in
                file.insert("tRNS", [0, 1, 0, 2, 0, 3], before: "IDAT")
            }
        ),
        .refused(.corrupt, "a transparent colour of two bytes", changed { $0.insert("tRNS", [0, 1], before: "IDAT") }),
        .refused(
            .corrupt,
            "more transparency than palette",
            changed(bitDepth: 1, colourType: 3) { file in
                file.insert("tRNS", [1, 2, 3], before: "IDAT")
            }
        ),
        .refused(
            .corrupt,
            "transparency before the palette",
            changed(colourType: 3) { file in
                file.insert("tRNS", [1, 2, 3], before: "PLTE")
            }
        ),
        .refused(
            .corrupt,
            "an unknown chunk that must not be passed over",
            changed { file in
                file.insert("SWth", [1, 2, 3], before: "IDAT")
            }
        ),
        .refused(.corrupt, "a chunk whose name is no letters", changed { $0.insert("te t", [], before: "IDAT") }),
        .refused(
            .corrupt,
            "a wrong CRC in a chunk that is passed over",
            changed { file in
                file.insert("tEXt", [65, 0, 65], before: "IDAT")
                file.chunks[1].hasWrongCRC = true
            }
        ),
        .refused(
            .corrupt,
            "a chunk of 4 GB",
            {
                var bytes = try changed { $0.insert("tEXt", [65, 0, 65], before: "IDAT") }()
                bytes.replaceSubrange(33..<37, with: [255, 255, 255, 255])
                return bytes
            }
        ),
        .refused(
            .corrupt,
            "a chunk of 2 GB",
            {
                var bytes = try changed { $0.insert("tEXt", [65, 0, 65], before: "IDAT") }()
                bytes.replaceSubrange(33..<37, with: [127, 255, 255, 255])
                return bytes
            }
        ),
        .refused(.truncated, "no end", changed { $0.chunks.removeLast() }),
        .refused(.truncated, "no pixels and no end", changed { $0.chunks.removeLast(2) }),
        .refused(.corrupt, "no pixels", changed { file in file.chunks.removeAll { $0.name == "IDAT" } }),
        .refused(.corrupt, "the header behind the pixels", changed { $0.chunks.swapAt(0, 1) }),
        .refused(
            .corrupt,
            "something else amid the pixels",
            changed { file in
                let stream = file["IDAT"]
                file["IDAT"] = Array(stream.prefix(100))
                file.insert("tEXt", [65, 0, 65], before: "IEND")
                file.insert("IDAT", Array(stream.dropFirst(100)), before: "IEND")
            }
        ),
    ]
}
