import Files
package import Intake
package import ObjectStores

/// The settings of sources: how buckets are listed and read, and who else tells of their objects.
package struct SourceSettings: Sendable, Equatable {
    /// Patterns of which a key has to match one; all keys where there is none.
    package var include: [GlobPattern]
    /// Whether a bucket is listed; its objects are known by what is told of them otherwise.
    package var isPolling: Bool
    package var pollInterval: Duration
    /// nil: a minute for folders, an hour for buckets.
    package var sweepInterval: Duration?
    package var lookBack: Duration
    /// At a time.
    package var downloads: Int
    /// Objects.
    package var backlogLimit: Int
    package var s3: S3Settings
    package var queueURL: String?
    package var queuePollers: Int
    /// Whether anything is answered over HTTP.
    package var isServing: Bool
    package var httpHost: String
    /// nil: the usual one, and none where that is another program's.
    package var httpPort: Int?
    /// nil: nobody may push.
    package var httpToken: String?
    /// nil: this machine alone may read.
    package var httpReadToken: String?
    /// nil: nobody may change the course of things over HTTP.
    package var httpOperateToken: String?
    /// Absolute path of a PEM file.
    package var caBundle: String?

    /// Where the page is when nobody says another port.
    package static let usualPort = 8_000

    init(_ values: SettingValues) throws {
        include = try Self.patterns(values)
        isPolling = try values.text(.polling) != "off"
        pollInterval = .seconds(try values.number(.pollInterval) ?? 0)
        sweepInterval = try values.number(.sweepInterval).map { .seconds($0) }
        lookBack = .seconds(try values.number(.lookBack) ?? 0)
        downloads = try values.number(.downloads) ?? 1
        backlogLimit = try values.number(.backlogLimit) ?? 1
        let addressing = try values.text(.s3Addressing) ?? "auto"
        s3 = S3Settings(
            region: try values.text(.s3Region),
            endpoint: try values.text(.s3Endpoint),
            addressing: addressing == "virtual" ? .virtualHost : addressing == "path" ? .path : .auto,
            requesterPays: try values.text(.s3RequesterPays) == "true"
        )
        queueURL = try values.text(.sqsQueueURL)
        queuePollers = try values.number(.sqsPollers) ?? 1
        isServing = try values.text(.http) != "off"
        httpHost = try values.text(.httpHost) ?? "127.0.0.1"
        httpPort = try values.number(.httpPort)
        httpToken = try values.text(.httpToken)
        httpReadToken = try values.text(.httpReadToken)
        httpOperateToken = try values.text(.httpOperateToken)
        caBundle = try values.text(.caBundle).map(absolute)
        try check(values)
    }

    private func check(_ values: SettingValues) throws {
        for (key, url) in [(SettingKey.s3Endpoint, s3.endpoint), (.sqsQueueURL, queueURL)] {
            guard let url, !url.hasPrefix("https://"), !url.hasPrefix("http://") else { continue }
            throw try values.bad(key, "'\(url)' is no http or https address")
        }
        let tokens: [(SettingKey, String?)] = [
            (.httpToken, httpToken), (.httpReadToken, httpReadToken), (.httpOperateToken, httpOperateToken),
        ]
        for (key, token) in tokens where token?.isEmpty == true { throw try values.bad(key, "is empty") }
        let takesPushes = isServing && (httpToken != nil || httpOperateToken != nil)
        if !isPolling, queueURL == nil, !takesPushes {
            throw SettingsError(
                .contradiction,
                "polling is off and nothing else tells of objects: name a queue (sqs_queue_url), or a secret for pushes (http_token, with http: on)"
            )
        }
        if let caBundle, try fileInfo(caBundle) == nil {
            throw try values.bad(.caBundle, "'\(caBundle)' does not exist")
        }
    }

    private static func patterns(_ values: SettingValues) throws -> [GlobPattern] {
        let texts = (try values.text(.include) ?? "").split { $0 == " " || $0 == "," }
        return try texts.map { text in
            guard let pattern = GlobPattern(String(text)) else {
                throw try values.bad(.include, "has a pattern that is not closed: '\(text)'")
            }
            return pattern
        }
    }
}
