/// Where S3 is and how it is spoken to.
package struct S3Settings: Sendable, Equatable {
    /// Where a bucket's name goes in a URL.
    package enum Addressing: String, Sendable, CaseIterable {
        /// In the host's name at AWS, in the path at custom endpoints and for names with dots.
        case auto
        case path
        case virtualHost = "virtual-host"
    }

    /// The region that requests are signed for; nil: what the environment or the profile says, else `us-east-1`.
    package var region: String?
    /// `https://host[:port][/path]` of a server that is not AWS; nil: what the environment or the profile says, else AWS.
    package var endpoint: String?
    package var addressing: Addressing
    /// Whether the requester agrees to pay for requests and transfer.
    package var requesterPays: Bool
    /// Whether requests go unsigned, as public buckets allow.
    package var anonymous: Bool
    /// The profile of the shared files; nil: `AWS_PROFILE`, else `default`.
    package var profile: String?
    /// Objects of more bytes than this are put in parts.
    package var multipartThreshold: Int
    /// Bytes; S3 takes 5 MiB at least, and 10,000 parts at most: the size grows where they would not do.
    package var partSize: Int
    /// Parts that are on their way at a time.
    package var parallelParts: Int
    /// How often a broken download is taken up again without a byte having come in between.
    package var stalledAttempts: Int
    /// The longest time to wait within a download before it is taken up again.
    package var longestPause: Duration

    package init(
        region: String? = nil,
        endpoint: String? = nil,
        addressing: Addressing = .auto,
        requesterPays: Bool = false,
        anonymous: Bool = false,
        profile: String? = nil,
        multipartThreshold: Int = 64 << 20,
        partSize: Int = 16 << 20,
        parallelParts: Int = 4,
        stalledAttempts: Int = 4,
        longestPause: Duration = .seconds(10)
    ) {
        self.region = region
        self.endpoint = endpoint
        self.addressing = addressing
        self.requesterPays = requesterPays
        self.anonymous = anonymous
        self.profile = profile
        self.multipartThreshold = multipartThreshold
        self.partSize = partSize
        self.parallelParts = parallelParts
        self.stalledAttempts = stalledAttempts
        self.longestPause = longestPause
    }
}
