import ArgumentParser
import Events

struct DoctorCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Try everything that is configured, and say what to do where something is wrong.",
        discussion: """
            The disk, the store, the source, its server's clock, the queue, git's identity, signing and remote, the DVC \
            remote (a small file is written, read back and removed), and a connection to each endpoint, which is told \
            nothing. \
            Exit codes: 0 when all is well or only doubtful, 1 when something is wrong.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var pipeline: PipelineOptions
    @OptionGroup(title: "Buckets")
    var bucket: SourceOptions

    @Option(name: .long, help: "Folder or s3://BUCKET/PREFIX (SWATHLOG_SOURCE).")
    var source: String?

    @Option(name: .customLong("sqs-queue-url"), help: .setting(.sqsQueueURL))
    var sqsQueueURL: String?

    func execute() async throws {
        var flags = pipeline.flags.merging(bucket.flags) { _, own in own }
        flags[.source] = source
        flags[.sqsQueueURL] = sqsQueueURL
        let settings = try Settings(try await options.layers(flags), cores: 1)
        let findings = try await Examination(settings: settings).run()
        if options.json {
            let json = CanonicalJSON { $0.set("findings", findings.map(\.json)) }
            Terminal.print(json.text)
        } else {
            var table = Table()
            for finding in findings { table.add(finding.verdict.rawValue, finding.subject, finding.message.visible) }
            Terminal.print(table.text)
        }
        if findings.contains(where: { $0.verdict == .wrong }) { throw Exit.negative }
    }
}
