import Foundation
import Imaging
import Testing

/// Tries all damaged files of one seed, in a process that is made for it.
struct CorpusRun {
    static let rounds = 1_000
    /// What a user might set for thumbnails; the files are far smaller, so only damage asks for more.
    static let limits = ImageLimits(
        maxPixels: 1 << 18,
        maxTiles: 5_000,
        maxBufferedBytes: 8 << 20,
        maxStripBytes: 8 << 20,
        maxScans: 100
    )

    let seed: CorpusSeed
    /// A file that tells which round was begun last.
    let note: String

    func run() throws {
        let whole = try seed.make()
        #expect(try tryFile(whole, round: 0), "the undamaged \(seed) gave no pixels")
        let before = ProcessMemory()
        let kind = CorpusSeed.allCases.firstIndex(of: seed) ?? 0
        var pixels = 0
        for round in 1...Self.rounds {
            var mutator = CorpusMutator(seed: UInt64(round) << 8 | UInt64(kind))
            try "\(round)".write(toFile: note, atomically: false, encoding: .utf8)
            if try tryFile(mutator.damage(whole), round: round) { pixels += 1 }
        }
        let after = ProcessMemory()
        // Decoded twice, with a strip, a batch of tiles and their copies, 2^18 pixels of 8 bytes stay below this.
        #expect(after.peakResident - before.peakResident < 48 << 20, "\(before) \(after)")
        #expect(after.peakReserved - before.peakReserved < 96 << 20, "\(before) \(after)")
        #expect(pixels > 0 && pixels < Self.rounds, "\(pixels) of \(Self.rounds) gave pixels")
        try "done".write(toFile: note, atomically: false, encoding: .utf8)
    }

    static func lastRound(in note: String) throws -> String {
        try String(contentsOfFile: note, encoding: .utf8)
    }

    /// Probes, decodes, cuts in three ways and reads the metadata of a file; true where it gave pixels.
    private func tryFile(_ bytes: [UInt8], round: Int) throws -> Bool {
        // Ends the process when the file takes longer; the note tells which one it was.
        alarm(5)
        defer { alarm(0) }
        let file = ImageFile(bytes: bytes)
        let metadata = ImageMetadata.read(bytes)
        _ = Footprint.footprint(of: metadata, imageWidth: 61, imageHeight: 47)
        let probed = Self.outcome { () throws(ImagingError) in
            try ImageProbe.probe(file, limits: Self.limits)
        }
        let decoded = Self.outcome { () throws(ImagingError) in
            try PixelDecoder.decode(file, limits: Self.limits)
        }
        let tiles = try cut(file, orientation: Orientation.allCases[round % 8])
        try cutAsJPEG(file, decoded, round: round)
        switch decoded {
        case .success(let image):
            #expect(try probed.get() == image.info)
            #expect(
                image.pixels.count
                    == image.info.width * image.info.height * image.info.channels * image.info.bitDepth / 8
            )
            #expect(try tiles.get() > 0, "round \(round)")
            return true
        case .failure(let reason):
            #expect(reason.message.count > 10, "round \(round): \(reason)")
            if case .failure(let error) = probed { #expect(error == reason, "round \(round)") }
            #expect(throws: reason.code, "round \(round)") {
                try codes { () throws(ImagingError) in try tiles.get() }
            }
            return false
        }
    }

    private func cut(
        _ file: ImageFile,
        orientation: Orientation,
        _ encoding: TileEncoding = .png(.fast)
    ) throws -> Result<Int, ImagingError> {
        // Whole MCUs, for those that need them.
        let settings =
            switch encoding {
            case .png: TilingSettings(tileWidth: 40, tileHeight: 24, overlap: 5, encoding: encoding)
            default: TilingSettings(tileWidth: 32, tileHeight: 32, overlap: 16, edge: .drop, encoding: encoding)
            }
        do {
            return .success(
                try Tiler.cut(
                    file,
                    as: Appearance(orientation: orientation),
                    settings: settings,
                    limits: Self.limits
                ) { tile in
                    if case .made(let tile) = tile { #expect(!tile.bytes.isEmpty) }
                }.tiles
            )
        } catch let error as ImagingError {
            return .failure(error)
        }
    }

    /// Cuts in the ways that pass by pixels: of what gives pixels, these give tiles, or say why such tiles can't be.
    private func cutAsJPEG(_ file: ImageFile, _ decoded: Result<DecodedImage, ImagingError>, round: Int) throws {
        let wanted: [TileEncoding] = [.jpegLossless, .jpeg(quality: 80, subsampling: .s420)]
        for encoding in wanted {
            let outcome = try cut(file, orientation: .up, encoding)
            switch (decoded, outcome) {
            case (.success, .success): break
            case (.success(let image), .failure(let error)):
                let isNoJPEG = image.info.format == .png && encoding == .jpegLossless
                let hasNoSuchPixels = image.info.bitDepth == 16 || image.info.channels % 2 == 0
                let isUncut = ["beyond what 8-bit samples give", "is made of units of"].contains {
                    encoding == .jpegLossless && error.message.contains($0)
                }
                #expect(
                    (error.code == .encodeFailed && (isNoJPEG || hasNoSuchPixels)) || isUncut,
                    "round \(round), \(encoding.name): \(error)"
                )
            case (.failure, .success): Issue.record("round \(round), \(encoding.name): tiles without pixels")
            case (.failure, .failure(let error)): #expect(error.message.count > 10)
            }
        }
    }

    private static func outcome<Value>(
        _ body: () throws(ImagingError) -> Value
    ) -> Result<Value, ImagingError> {
        do throws(ImagingError) { return .success(try body()) } catch { return .failure(error) }
    }
}

/// How much memory this process has held at most, in bytes; zeros where the system does not tell.
struct ProcessMemory {
    /// What was written to.
    let peakResident: Int
    /// What was asked for, used or not.
    let peakReserved: Int

    init() {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func bytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 } ?? 0
        }
        peakResident = bytes("VmHWM")
        peakReserved = bytes("VmPeak")
    }
}
