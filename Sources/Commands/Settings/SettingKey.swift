/// Every setting: its name, kind, default and meaning.
///
/// A setting `tile_size` is the flag `--tile-size`, the variable `SWATHLOG_TILE_SIZE` and the key `tile_size` of the YAML
/// file, asked in that order.
package enum SettingKey: String, CaseIterable, Sendable {
    case store
    case source
    case tileSize = "tile_size"
    case tileOverlap = "tile_overlap"
    case tileFormat = "tile_format"
    case jpegQuality = "jpeg_quality"
    case maxPixels = "max_pixels"
    case workers
    case originals
    case onRemove = "on_remove"
    case sweepInterval = "sweep_interval"
    case commitInterval = "commit_interval"
    case dvcRemote = "dvc_remote"
    case webhookURL = "webhook_url"
    case webhookSecret = "webhook_secret"
    case logLevel = "log_level"

    /// What a value has to be.
    package enum Kind: Sendable, Equatable {
        case path
        case text
        case choice([String])
        case number(ClosedRange<Int>)
    }

    package var kind: Kind {
        switch self {
        case .store, .source, .dvcRemote: .path
        case .tileSize: .number(16...16_384)
        case .tileOverlap: .number(0...8_192)
        case .tileFormat: .choice(["png", "jpeg"])
        case .jpegQuality: .number(1...100)
        case .maxPixels: .number(1...1_000_000_000_000)
        case .workers: .number(1...256)
        case .originals: .choice(["copy", "hardlink"])
        case .onRemove: .choice(["keep", "withdraw"])
        case .sweepInterval: .number(1...86_400)
        case .commitInterval: .number(1...86_400)
        case .webhookURL, .webhookSecret: .text
        case .logLevel: .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"])
        }
    }

    /// The value that holds where nobody says another; nil for none.
    package var defaultValue: String? {
        switch self {
        case .store: "swathlog-store"
        case .tileSize: "512"
        case .tileOverlap: "64"
        case .tileFormat: "png"
        case .jpegQuality: "90"
        case .maxPixels: "1000000000"
        case .originals: "copy"
        case .onRemove: "keep"
        case .sweepInterval: "60"
        case .commitInterval: "60"
        case .logLevel: "notice"
        case .source, .workers, .dvcRemote, .webhookURL, .webhookSecret: nil
        }
    }

    /// Its unit and meaning, one line.
    package var summary: String {
        switch self {
        case .store: "directory of the store"
        case .source: "folder that `run` watches"
        case .tileSize: "tile width and height in pixels"
        case .tileOverlap: "pixels that neighbouring tiles share"
        case .tileFormat: "png (lossless) or jpeg"
        case .jpegQuality: "quality of jpeg tiles, 1 to 100"
        case .maxPixels: "larger images are quarantined, in pixels"
        case .workers: "images tiled at once; default: the number of cores"
        case .originals: "how source bytes are kept: copy or hardlink"
        case .onRemove: "tiles of a removed file: keep them or withdraw them"
        case .sweepInterval: "seconds between two looks at the whole folder (run)"
        case .commitInterval: "seconds after which a dataset with new tiles is committed though more are coming (run)"
        case .dvcRemote: "directory that dataset versions are pushed to"
        case .webhookURL: "receives one signed POST for each dataset version"
        case .webhookSecret: "shared secret of the webhook's signature (whsec_ and base64, or plain text)"
        case .logLevel: "least severity that is logged"
        }
    }

    /// Whether the value is never shown.
    package var isSecret: Bool { self == .webhookSecret }

    /// Whether the value is part of the recipe, and so is remembered by the store.
    package var isRecipe: Bool {
        switch self {
        case .tileSize, .tileOverlap, .tileFormat, .jpegQuality: true
        default: false
        }
    }

    package var environmentVariable: String { "SWATHLOG_" + rawValue.uppercased() }
    package var flag: String { "--" + rawValue.replacing("_", with: "-") }
}
