import Foundation
import TestSupport

/// One entry of an EXIF directory, as exiftool's verbose output shows it.
struct ExifToolDirectory {
    let name: String
    let tag: Int
    let value: String
    /// The fractions as written, `46/1 50/1 3/2`, where there are some.
    let fraction: String?
    let format: String

    /// exiftool's names of tags that have another one in EXIF 2.32.
    static let standardNames = [
        "ImageHeight": "ImageLength", "ModifyDate": "DateTime", "CreateDate": "DateTimeDigitized",
        "ISO": "PhotographicSensitivity", "Opto-ElectricConvFactor": "OECF",
        "ExposureCompensation": "ExposureBiasValue",
        "ExifImageWidth": "PixelXDimension", "ExifImageHeight": "PixelYDimension",
        "FocalLengthIn35mmFormat": "FocalLengthIn35mmFilm", "OwnerName": "CameraOwnerName",
        "SerialNumber": "BodySerialNumber", "LensInfo": "LensSpecification", "AmbientTemperature": "Temperature",
        "CompositeImageCount": "SourceImageNumberOfCompositeImage",
        "CompositeImageExposureTimes": "SourceExposureTimesOfCompositeImage",
    ]

    /// All entries of IFD0, ExifIFD and GPS that are no pointers to others.
    static func read(_ path: String) async throws -> [ExifToolDirectory] {
        let tool = try Tool("exiftool", install: "install the Debian package libimage-exiftool-perl")
        let lines = try await tool.run(["-v2", path]).text.split(separator: "\n").map(String.init)
        var directories: [String] = []
        var entries: [ExifToolDirectory] = []
        for (line, next) in zip(lines, lines.dropFirst()) {
            let depth = line.prefix { $0 == "|" || $0 == " " }.filter { $0 == "|" }.count
            let rest = line.drop { $0 == "|" || $0 == " " }
            if let start = line.firstRange(of: /\+ \[(\w+) directory/) {
                directories = Array(directories.prefix(depth)) + [String(line[start].dropFirst(3).dropLast(10))]
                continue
            }
            directories = Array(directories.prefix(depth))
            guard let directory = directories.last, ["IFD0", "ExifIFD", "GPS"].contains(directory), depth > 0,
                let entry = rest.wholeMatch(of: /\d+\)\s+(\S+) = (.*)/),
                let detail = next.firstMatch(of: /- Tag (0x[0-9a-f]+) \(\d+ bytes, (.*)\)/),
                let tag = Int(detail.1.dropFirst(2), radix: 16)
            else { continue }
            let value = String(entry.2)
            let fraction = value.firstMatch(of: /\(([-0-9\/ ]+)\)$/)
            let isFraction = detail.2.hasPrefix("rational") && fraction != nil
            entries.append(
                ExifToolDirectory(
                    name: String(entry.1),
                    tag: tag,
                    value: value,
                    fraction: isFraction ? fraction.map { String($0.1) } : nil,
                    format: String(detail.2)
                )
            )
        }
        return entries
    }
}
