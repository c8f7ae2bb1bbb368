import ArgumentParser

/// The options of the commands that read buckets.
struct SourceOptions: ParsableArguments {
    @Option(name: .long, help: .setting(.include))
    var include: String?

    @Option(name: .customLong("s3-endpoint"), help: .setting(.s3Endpoint))
    var s3Endpoint: String?

    @Option(name: .customLong("s3-region"), help: .setting(.s3Region))
    var s3Region: String?

    @Option(name: .customLong("s3-addressing"), help: .setting(.s3Addressing))
    var s3Addressing: String?

    @Option(name: .customLong("s3-requester-pays"), help: .setting(.s3RequesterPays))
    var s3RequesterPays: String?

    @Option(name: .long, help: .setting(.caBundle))
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

    @Option(name: .long, help: .setting(.downloads))
    var downloads: String?

    @Option(name: .long, help: .setting(.backlogLimit))
    var backlogLimit: String?

    var flags: [SettingKey: String] {
        var flags = source.flags
        flags[.downloads] = downloads
        flags[.backlogLimit] = backlogLimit
        return flags
    }
}
