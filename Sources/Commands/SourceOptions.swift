import ArgumentParser

/// The options of the commands that read buckets.
struct SourceOptions: ParsableArguments {
    @Option(name: .long, help: "Keys of a bucket that are taken, by patterns: '*.jpg *.JPG'.")
    var include: String?

    @Option(name: .customLong("s3-endpoint"), help: "Address of an S3 server that is not AWS.")
    var s3Endpoint: String?

    @Option(name: .customLong("s3-region"), help: "Region of the bucket.")
    var s3Region: String?

    @Option(name: .customLong("s3-addressing"), help: "Where a bucket's name goes in a URL: auto, path or virtual.")
    var s3Addressing: String?

    @Option(name: .customLong("s3-requester-pays"), help: "Whether you agree to pay for requests: true or false.")
    var s3RequesterPays: String?

    @Option(name: .long, help: "PEM file of trusted roots in place of the system's.")
    var caBundle: String?

    var flags: [SettingKey: String] {
        let given: [(SettingKey, String?)] = [
            (.include, include), (.s3Endpoint, s3Endpoint), (.s3Region, s3Region), (.s3Addressing, s3Addressing),
            (.s3RequesterPays, s3RequesterPays), (.caBundle, caBundle),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { key, value in value.map { (key, $0) } })
    }
}

/// The options of the commands that take objects in.
struct IntakeOptions: ParsableArguments {
    @OptionGroup(title: "Buckets")
    var source: SourceOptions

    @Option(name: .long, help: "Objects that are fetched at a time.")
    var downloads: String?

    @Option(name: .long, help: "Objects on the work list at which intake waits.")
    var backlogLimit: String?

    var flags: [SettingKey: String] {
        var flags = source.flags
        flags[.downloads] = downloads
        flags[.backlogLimit] = backlogLimit
        return flags
    }
}
