import ArgumentParser
import Events

/// Measures this program on this machine.
@main
struct SwathlogBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swathlog-bench",
        abstract: "Measure Swathlog on this machine.",
        subcommands: [Log.self, Cut.self]
    )

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Append to the log, and replay it.")

        @Flag(help: "Print JSON for machines.")
        var json = false
        @Option(help: "Events for the log and the trivial view.")
        var events = 1_000_000
        @Option(help: "Events for the catalog.")
        var catalogEvents = 300_000

        func validate() throws {
            guard events > 0, catalogEvents > 0 else { throw ValidationError("give more than 0 events") }
        }

        func run() async throws {
            let results = try await LogBenchmark(events: events, catalogEvents: catalogEvents).run()
            print(json ? Measurement.json(results) : Measurement.table(results))
        }
    }

    struct Cut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cut images into files, and print one line of JSON.",
            discussion: "Modes: \(CutBenchmark.recipes.keys.sorted().joined(separator: ", "))."
        )

        @Argument(help: "What is made of the images.")
        var mode: String
        @Argument(help: "Images; one that is named twice is cut twice.")
        var images: [String]
        @Option(help: "Threads that make tiles.")
        var workers = 2
        @Option(help: "Directory for the tiles.")
        var out: String

        func validate() throws {
            guard workers > 0, !images.isEmpty else { throw ValidationError("give images, and at least one worker") }
        }

        func run() async throws {
            let benchmark = CutBenchmark(mode: mode, images: images, workers: workers, out: out)
            print(try await benchmark.run().text)
        }
    }
}
