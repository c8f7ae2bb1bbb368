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

    /// Its meaning, one line of Markdown: the same in `--help`, in `config --reference` and in the README.
    package var summary: String {
        switch self {
        case .store: "directory of the store"
        case .source: "what `run` watches: a folder, or `s3://BUCKET/PREFIX`"
        case .include: "keys of a bucket that are taken: patterns between spaces or commas, `*.jpg *.JPG`"
        case .polling:
            """
            whether a bucket is listed (`run`); `off`: only what the queue and pushes tell is taken, for agents that \
            share the messages of one queue
            """
        case .pollInterval: "seconds between two looks at the newest keys of a bucket (`run`)"
        case .lookBack: "seconds by which a key may come later than a higher one and still be found by such a look"
        case .downloads: "objects that are fetched at a time"
        case .backlogLimit: "objects on the work list at which intake waits until half of them are done"
        case .s3Endpoint: "address of an S3 server that is not AWS"
        case .s3Region: "region of the bucket"
        case .s3Addressing:
            "where a bucket's name goes in a URL: `path`, `virtual` (in the host's name), `auto` (by the server)"
        case .s3RequesterPays: "whether you agree to pay for requests"
        case .sqsQueueURL: "queue that tells of the bucket's changes (`run`)"
        case .sqsPollers: "requests to the queue for messages at a time"
        case .http: "whether there are a page, an API, metrics and pushes (`run`)"
        case .httpHost: "address of the page, the API and pushes (`run`)"
        case .httpPort: "port of the page, the API and pushes; 0 for any free one (`run`)"
        case .httpToken: "secret that pushes must carry; without it nobody may push"
        case .httpReadToken: "secret that reads of the API must carry; without one this machine alone may read"
        case .httpOperateToken:
            "secret of those who may release, re-derive and so on over HTTP (it reads and pushes too); without it nobody may"
        case .caBundle: "PEM file of trusted roots"
        case .tileSize: "tile width and height in pixels: `512`, or `640x480`"
        case .tileOverlap: "what neighbouring tiles share, in pixels or per cent: `64`, `64x32`, `12.5%`"
        case .tileEdge:
            """
            the last tile of a row or column: moved inwards (`shift`), smaller (`crop`), left out (`drop`), or \
            filled up (`pad:edge`, `pad:reflect`, `pad:LEVEL` with 0 to 255)
            """
        case .tileFormat: "`png`, `jpeg`, `jpeg-lossless` (the image's own JPEG bits, cut without decoding) or `npy`"
        case .pngCompression: "`fast`, `balanced` or `small`: all lossless"
        case .jpegQuality: "quality of `jpeg` tiles"
        case .jpegSubsampling: "chroma of `jpeg` tiles: `4:2:0`, `4:2:2` or `4:4:4`"
        case .orientation:
            "turns images upright by EXIF (`apply`) or leaves them (`ignore`); `jpeg-lossless` tags its tiles instead"
        case .alpha: "transparency: `keep`, or lay it on a colour: `flatten:#ffffff`"
        case .sampleType:
            "samples of a tile: those of the image (`source`), `u8`, `u16`, or for `npy` also `f16`, `f32`"
        case .normalise:
            """
            `none`, `min-max`, `percentile:2,98`, both of each tile or with `@image` of the whole image; \
            `mean-std:0.485,0.456,0.406/0.229,0.224,0.225` for `f16` and `f32`
            """
        case .augment: "`none`, or steps that make variants: `flip-horizontal p=0.5; rotate degrees=-10..10`"
        case .variants: "augmented variants of each tile"
        case .plainTiles: "the tiles without augmentation beside the variants: `keep` or `omit`"
        case .skipBlank: "leaves out tiles that show nothing: `none`, `entropy:BITS` (0 to 8), or `no-data:SHARE:LEVEL`"
        case .maxPixels: "pixels of the largest image that is cut; larger ones are quarantined"
        case .workers: "threads that make tiles"
        case .originals: "how source bytes are kept: `copy`, or `hardlink` where nobody writes into a file in place"
        case .onRemove: "the tiles of a removed file: `keep` them, or `withdraw` them with the next commit"
        case .sweepInterval: "seconds between two looks at the whole source (`run`)"
        case .datasetRepo: "a git repository of yours that gets the dataset; the store remembers it"
        case .partition:
            """
            names the partition of a key: text with `{1}`, `{2}` … for its folders, those of the source's prefix first, and \
            `{bucket}` for the source's; a store remembers it, and keys that have a place keep it
            """
        case .commitPolicy:
            """
            when tiles become a version: `auto` (all on hand are done, or `commit_interval` or `commit_tiles` is \
            reached), `batch` (only when all on hand are done) or `hand` (only by `swathlog commit`)
            """
        case .commitInterval: "seconds after which new tiles are committed though more are coming (`run`)"
        case .commitTiles: "new tiles of a partition at which it is committed though more are coming"
        case .commitMessage: "message of a version's commit: text with `{partition}`, `{summary}`, `{number}` and so on"
        case .commitTag: "git tag of each version, such as `{partition}/{number}`"
        case .commitAuthor: "author of commits: `Name <address>`"
        case .commitCommitter: "committer of commits: `Name <address>`"
        case .commitSigning: "how git signs commits and tags: `none`, `gpg` or `ssh`"
        case .commitSigningKey: "id of the GPG key, or path of the SSH key"
        case .gitRemote: "where commits are pushed: a git remote of the dataset's repository, or a URL"
        case .gitBranch:
            "branch that commits are pushed to in `git_remote`; the one of its name here, if there is one, has to be checked out"
        case .checkpointInterval: "seconds after which a log that has grown is signed again"
        case .versioning:
            """
            who pushes dataset versions: this program (`native`), or the installed `dvc`, which knows more kinds of \
            remotes
            """
        case .auditInterval: "seconds between two audits of the record by the agent; 0 for none (`run`)"
        case .stallLimit: "seconds without progress after which `/readyz` says that something is stuck (`run`)"
        case .dvcRemote:
            """
            where dataset versions are pushed to: a directory, `s3://BUCKET/PREFIX`, or `remote://NAME`, a remote of \
            the dataset's `.dvc/config`; with `versioning: dvc` any place that DVC knows
            """
        case .dvcRemoteOptions:
            "what `.dvc/config` is to say of `dvc_remote`: `endpointurl=URL region=NAME profile=NAME`"
        case .webhookURL: "receives one POST for each dataset version: an endpoint whose name is its URL"
        case .webhookSecret:
            "signs what `webhook_url` receives, by Standard Webhooks: `whsec_` and base64, `whsk_` and base64 (Ed25519), or plain text"
        case .endpoints: "who is told of what: a YAML list of mappings"
        case .webhookAllowInsecure: "whether endpoints may be plain `http`"
        case .webhookAllowCIDRs:
            "address blocks that endpoints may be in though they are not of the public internet: `10.0.0.0/8 fd00::/8`"
        case .logLevel: "least severity that is logged"
        case .logFormat:
            "how messages look: `text`, `json` (an object a line), or `auto`: text on a terminal, else JSON"
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
