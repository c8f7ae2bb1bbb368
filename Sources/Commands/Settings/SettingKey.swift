package import Imaging

/// Every setting: its name, kind, default and meaning.
///
/// A setting `tile_size` is the flag `--tile-size`, the variable `SWATHLOG_TILE_SIZE` and the key `tile_size` of the YAML
/// file, asked in that order.
package enum SettingKey: String, CaseIterable, Sendable {
    case store
    case source
    case include
    case polling
    case pollInterval = "poll_interval"
    case lookBack = "look_back"
    case downloads
    case backlogLimit = "backlog_limit"
    case s3Endpoint = "s3_endpoint"
    case s3Region = "s3_region"
    case s3Addressing = "s3_addressing"
    case s3RequesterPays = "s3_requester_pays"
    case sqsQueueURL = "sqs_queue_url"
    case sqsPollers = "sqs_pollers"
    case http
    case httpHost = "http_host"
    case httpPort = "http_port"
    case httpToken = "http_token"
    case httpReadToken = "http_read_token"
    case httpOperateToken = "http_operate_token"
    case caBundle = "ca_bundle"
    case tileSize = "tile_size"
    case tileOverlap = "tile_overlap"
    case tileEdge = "tile_edge"
    case tileFormat = "tile_format"
    case pngCompression = "png_compression"
    case jpegQuality = "jpeg_quality"
    case jpegSubsampling = "jpeg_subsampling"
    case orientation
    case alpha
    case sampleType = "sample_type"
    case normalise
    case augment
    case variants
    case plainTiles = "plain_tiles"
    case skipBlank = "skip_blank"
    case maxPixels = "max_pixels"
    case workers
    case originals
    case onRemove = "on_remove"
    case sweepInterval = "sweep_interval"
    case datasetRepo = "dataset_repo"
    case partition
    case commitPolicy = "commit_policy"
    case commitInterval = "commit_interval"
    case commitTiles = "commit_tiles"
    case commitMessage = "commit_message"
    case commitTag = "commit_tag"
    case commitAuthor = "commit_author"
    case commitCommitter = "commit_committer"
    case commitSigning = "commit_signing"
    case commitSigningKey = "commit_signing_key"
    case gitRemote = "git_remote"
    case gitBranch = "git_branch"
    case checkpointInterval = "checkpoint_interval"
    case versioning
    case auditInterval = "audit_interval"
    case stallLimit = "stall_limit"
    case dvcRemote = "dvc_remote"
    case dvcRemoteOptions = "dvc_remote_options"
    case webhookURL = "webhook_url"
    case webhookSecret = "webhook_secret"
    case endpoints
    case webhookAllowInsecure = "webhook_allow_insecure"
    case webhookAllowCIDRs = "webhook_allow_cidrs"
    case logLevel = "log_level"
    case logFormat = "log_format"
    case gracePeriod = "grace_period"

    /// What a value has to be.
    package enum Kind: Sendable, Equatable {
        case path
        case text
        case choice([String])
        case number(ClosedRange<Int>)
        /// What the imaging engine reads.
        case recipe(TilingSettings.Name)
    }

    package var kind: Kind {
        if let recipeName { return .recipe(recipeName) }
        return switch self {
        case .store, .source, .datasetRepo, .caBundle: .path
        case .polling, .http: .choice(["on", "off"])
        case .pollInterval: .number(1...86_400)
        case .lookBack: .number(0...31_536_000)
        case .downloads: .number(1...256)
        case .backlogLimit: .number(1...1_000_000_000)
        case .s3Addressing: .choice(["auto", "path", "virtual"])
        case .s3RequesterPays, .webhookAllowInsecure: .choice(["false", "true"])
        case .sqsPollers: .number(1...8)
        case .httpPort: .number(0...65_535)
        case .maxPixels: .number(1...1_000_000_000_000)
        case .workers: .number(1...256)
        case .originals: .choice(["copy", "hardlink"])
        case .onRemove: .choice(["keep", "withdraw"])
        case .sweepInterval: .number(1...86_400)
        case .commitInterval, .checkpointInterval: .number(1...86_400)
        case .commitPolicy: .choice(["auto", "batch", "hand"])
        case .commitTiles: .number(1...1_000_000_000)
        case .commitSigning: .choice(["none", "gpg", "ssh"])
        case .versioning: .choice(["native", "dvc"])
        case .auditInterval: .number(0...31_536_000)
        case .stallLimit: .number(1...604_800)
        case .logLevel: .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"])
        case .logFormat: .choice(LogOutput.Format.allCases.map(\.rawValue))
        case .gracePeriod: .number(0...86_400)
        default: .text
        }
    }

    /// The value that holds where nobody says another; nil for none.
    package var defaultValue: String? {
        switch self {
        case .store: "swathlog-store"
        case .tileSize: "512"
        case .tileOverlap: "64"
        case .tileEdge: "shift"
        case .tileFormat: "png"
        case .pngCompression: "fast"
        case .jpegQuality: "90"
        case .jpegSubsampling: "4:2:0"
        case .orientation: "apply"
        case .alpha, .plainTiles: "keep"
        case .sampleType: "source"
        case .normalise, .augment, .skipBlank: "none"
        case .variants: "0"
        case .maxPixels: "1000000000"
        case .originals: "copy"
        case .onRemove: "keep"
        case .polling, .http: "on"
        case .pollInterval: "60"
        case .lookBack: "3600"
        case .downloads: "8"
        case .backlogLimit: "100000"
        case .s3Addressing: "auto"
        case .s3RequesterPays, .webhookAllowInsecure: "false"
        case .sqsPollers: "2"
        case .httpHost: "127.0.0.1"
        case .partition: "{1}"
        case .commitPolicy: "auto"
        case .commitInterval: "60"
        case .commitMessage: "{partition}: {summary}"
        case .commitSigning: "none"
        case .versioning: "native"
        case .checkpointInterval: "300"
        case .auditInterval: "86400"
        case .stallLimit: "3600"
        case .logLevel: "notice"
        case .logFormat: "auto"
        case .gracePeriod: "100"
        case .include, .s3Endpoint, .s3Region, .sqsQueueURL, .httpPort, .httpToken, .httpReadToken,
            .httpOperateToken, .caBundle, .sweepInterval:
            nil
        case .commitTiles, .commitTag, .commitAuthor, .commitCommitter, .commitSigningKey, .gitRemote, .gitBranch: nil
        case .source, .workers, .datasetRepo, .dvcRemote, .dvcRemoteOptions, .webhookURL, .webhookSecret,
            .endpoints, .webhookAllowCIDRs:
            nil
        }
    }

    /// Its unit and meaning, one line.
    package var summary: String {
        switch self {
        case .store: "directory of the store"
        case .source: "what `run` watches: a folder, or s3://BUCKET/PREFIX"
        case .include: "keys of a bucket that are taken, by patterns: *.jpg *.JPG; default: all"
        case .polling: "whether a bucket is listed: on, or off where agents share the messages of one queue (run)"
        case .pollInterval: "seconds between two looks at the newest keys of a bucket (run)"
        case .lookBack: "seconds by which a key may come later than a higher one and still be found at once"
        case .downloads: "objects that are fetched at a time"
        case .backlogLimit: "objects on the work list at which intake waits"
        case .s3Endpoint: "address of an S3 server that is not AWS; default: AWS_ENDPOINT_URL_S3"
        case .s3Region: "region of the bucket; default: AWS_REGION, else the profile's"
        case .s3Addressing: "where a bucket's name goes in a URL: auto, path or virtual"
        case .s3RequesterPays: "whether you agree to pay for requests: true or false"
        case .sqsQueueURL: "queue that tells of the bucket's changes (run)"
        case .sqsPollers: "requests for messages at a time"
        case .http: "whether there are a page, an API, metrics and pushes: on, or off (run)"
        case .httpHost: "address of the page, the API and pushes (run)"
        case .httpPort: "port of them; 0: any free one; default: 8000, and none where that is taken (run)"
        case .httpToken: "secret that pushes must carry; without it nobody may push"
        case .httpReadToken: "secret that reads of the API must carry; default: none, and this machine alone may read"
        case .httpOperateToken: "secret of those who may release, re-derive and so on over HTTP; without it nobody may"
        case .caBundle: "PEM file of trusted roots in place of the system's"
        case .tileSize: "tile width and height in pixels: 512, or 640x480"
        case .tileOverlap: "what neighbouring tiles share, in pixels or per cent: 64, 64x32, 12.5%"
        case .tileEdge: "the last tile of a row or column: shift, crop, drop, pad:edge, pad:reflect or pad:LEVEL"
        case .tileFormat: "png, jpeg, jpeg-lossless (cut without decoding) or npy"
        case .pngCompression: "fast, balanced or small"
        case .jpegQuality: "quality of jpeg tiles, 1 to 100"
        case .jpegSubsampling: "chroma of jpeg tiles: 4:2:0, 4:2:2 or 4:4:4"
        case .orientation: "EXIF's orientation: apply or ignore; jpeg-lossless keeps it as a tag"
        case .alpha: "transparency: keep, or flatten:#rrggbb"
        case .sampleType: "samples of a tile: source, u8, u16, f16 or f32"
        case .normalise: "none, min-max, percentile:LOW,HIGH (both with @tile or @image) or mean-std:MEAN,…/STD,…"
        case .augment: "none, or steps: flip-horizontal p=0.5; rotate degrees=-10..10"
        case .variants: "augmented variants of each tile"
        case .plainTiles: "tiles without augmentation beside the variants: keep or omit"
        case .skipBlank: "leaves tiles out: none, entropy:BITS or no-data:SHARE[:LEVEL]"
        case .maxPixels: "larger images are quarantined, in pixels"
        case .workers: "threads that make tiles; default: the number of cores"
        case .originals: "how source bytes are kept: copy or hardlink"
        case .onRemove: "tiles of a removed file: keep them or withdraw them"
        case .sweepInterval: "seconds between two looks at the whole source (run); default: 60, for a bucket 3600"
        case .datasetRepo: "git repository of yours that gets the dataset; default: the store's own"
        case .partition: "names a key's partition: text with {1} {2} … for its folders and {bucket}"
        case .commitPolicy: "when tiles become a version: auto (what comes first), batch (all on hand are done) or hand"
        case .commitInterval: "seconds after which a dataset with new tiles is committed though more are coming (run)"
        case .commitTiles: "new tiles of a partition at which it is committed though more are coming"
        case .commitMessage: "message of a version's commit: text with {partition} {summary} {number} and so on"
        case .commitTag: "git tag of a version, such as {partition}/{number}; default: none"
        case .commitAuthor: "author of commits, Name <address>; default: git's user.name and user.email"
        case .commitCommitter: "committer of commits, Name <address>; default: as for the author"
        case .commitSigning: "how commits and tags are signed by git: none, gpg or ssh"
        case .commitSigningKey: "GPG key's id or SSH key's path; default: git's user.signingkey"
        case .gitRemote: "where commits are pushed: a remote of the dataset's repository, or a URL; default: nowhere"
        case .gitBranch: "branch there; default: the one that is checked out"
        case .checkpointInterval: "seconds after which a log that has grown is signed again"
        case .versioning: "who pushes dataset versions: native, or the installed dvc, which knows more kinds of remotes"
        case .auditInterval: "seconds between two audits of the record by the agent; 0 for none (run)"
        case .stallLimit: "seconds without progress after which /readyz says that a stage or a view is stuck (run)"
        case .dvcRemote: "where dataset versions are pushed to: a directory, s3://BUCKET/PREFIX or remote://NAME"
        case .dvcRemoteOptions: "what .dvc/config says of that remote: endpointurl=URL region=NAME profile=NAME"
        case .webhookURL: "receives one signed POST for each dataset version"
        case .webhookSecret: "shared secret of the webhook's signature (whsec_ and base64, or plain text)"
        case .endpoints: "who is told of what: a YAML list of mappings with name and url"
        case .webhookAllowInsecure: "whether endpoints may be plain http: true or false"
        case .webhookAllowCIDRs:
            "address blocks that endpoints may be in though they are not public: 10.0.0.0/8 fd00::/8"
        case .logLevel: "least severity that is logged"
        case .logFormat: "how messages look: text, json (an object a line), or auto: text on a terminal, else json"
        case .gracePeriod: "seconds that work in flight gets to finish when the agent is asked to stop"
        }
    }

    /// Whether the value is never shown.
    package var isSecret: Bool {
        [.webhookSecret, .httpToken, .httpReadToken, .httpOperateToken, .endpoints].contains(self)
    }

    /// The name that a recipe knows the setting by; nil for those that play no part in the bytes of tiles.
    package var recipeName: TilingSettings.Name? { TilingSettings.Name(rawValue: rawValue) }

    package var environmentVariable: String { "SWATHLOG_" + rawValue.uppercased() }
    package var flag: String { "--" + rawValue.replacing("_", with: "-") }
}
