import Foundation
import TestSupport

/// A folder of small images that changes from round to round, always the same for a seed.
///
/// Every file's time is long past, so that none counts as still being written, and moves on with each new version.
struct SourceFolder {
    let path: String
    private let frames: String
    private let frameCount: Int
    private var seeded: SeededGenerator
    private var time = 1_600_000_000.0
    private var made = 0
    /// Keys of sound images that are there.
    private(set) var keys: [String] = []

    private static let folders = ["", "north", "north/row 1", "north/row 2", "south", "west/deep/er"]

    /// Draws the frames and makes an empty folder.
    init(_ name: String, in scratch: Scratch, frames count: Int, seed: UInt64) async throws {
        path = try scratch.directory(name)
        frames = scratch.file("\(name)-frames")
        frameCount = count
        seeded = SeededGenerator(seed: seed)
        try await Tool(Checkout.swathlog).check([
            "sample-flight", frames, "--images", "\(count)", "--megapixels", "0.05", "--seed", "\(seed)",
        ])
    }

    /// Adds images: every sixth has the content of another one.
    mutating func add(_ count: Int) throws {
        for _ in 0..<count {
            made += 1
            let folder = Self.folders[made % Self.folders.count]
            let key = "\(folder)\(folder.isEmpty ? "" : "/")image \(made).jpg"
            try place(made % 6 == 0 ? made / 2 : made, at: key)
            keys.append(key)
        }
    }

    /// Gives images other contents.
    mutating func replace(_ count: Int) throws {
        for key in keys.shuffled(using: &seeded).prefix(count) {
            try place(Int.random(in: 0..<frameCount, using: &seeded), at: key)
        }
    }

    mutating func remove(_ count: Int) throws {
        for key in keys.shuffled(using: &seeded).prefix(count) {
            try FileManager.default.removeItem(atPath: "\(path)/\(key)")
            keys.removeAll { $0 == key }
        }
    }

    /// Adds files that are no sound images.
    mutating func addBad() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: frame(1)))
        try write(Data(), at: "empty.jpg")
        try write(Data("no image at all\n".utf8), at: "north/words.jpg")
        try write(whole.prefix(whole.count / 2), at: "south/half.jpg")
        try write(Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), at: "west/only a signature.png")
    }

    private func frame(_ number: Int) -> String {
        let digits = String(1 + number % frameCount)
        return "\(frames)/DJI_\(String(repeating: "0", count: 4 - digits.count))\(digits).JPG"
    }

    private mutating func place(_ number: Int, at key: String) throws {
        try write(try Data(contentsOf: URL(fileURLWithPath: frame(number))), at: key)
    }

    private mutating func write(_ bytes: Data, at key: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(key)")
        let manager = FileManager.default
        try manager.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: url)
        time += 1
        try manager.setAttributes([.modificationDate: Date(timeIntervalSince1970: time)], ofItemAtPath: url.path)
    }
}
