import ArgumentParser
import Events
import Foundation
import ObjectStores

/// Measures this program on this machine.
@main
struct SwathlogBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swathlog-bench",
        abstract: "Measure Swathlog on this machine.",
        subcommands: [Log.self, Plan.self, Cut.self, Sources.self, Dataset.self]
    )

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Append to the log, and replay it.")

        @Flag(help: "Print JSON for machines.")
        var json = false
        @Option(help: "Events of the log that is replayed, verified, opened and asked.")
        var events = 1_000_000

        func validate() throws {
            guard events > 0 else { throw ValidationError("give more than 0 events") }
        }

        func run() async throws {
            var results: [Measurement] = []
            try await LogBenchmark(events: events).run { result in
                results.append(result)
                // At once, also into a pipe: a run takes minutes.
                if !json { FileHandle.standardOutput.write(Data("\(result.line)\n".utf8)) }
            }
            if json { print(Measurement.json(results)) }
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

    struct Sources: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a bucket or fetch from it, and print one line of JSON."
        )

        @Argument(help: "What is done.")
        var mode: SourcesBenchmark.Mode
        @Argument(help: "s3://BUCKET/PREFIX.")
        var source: String
        @Option(help: "URL of the server; credentials are AWS's, of the environment.")
        var endpoint: String
        @Option(help: "The store to compare with, made where it is missing, or where fetched files go.")
        var directory = ""
        @Option(help: "Objects that are fetched at a time.")
        var downloads = 8

        func validate() throws {
            guard downloads > 0 else { throw ValidationError("give at least one download at a time") }
            guard mode == .list || !directory.isEmpty else { throw ValidationError("\(mode) needs --directory") }
        }

        func run() async throws {
            let benchmark = SourcesBenchmark(
                mode: mode,
                location: try S3Location(url: source),
                endpoint: endpoint,
                directory: directory,
                downloads: downloads
            )
            print(try await benchmark.run().text)
        }
    }
}

extension SwathlogBench {
    struct Dataset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dvc",
            abstract: "Commit tiles to a DVC dataset, push them, then some more; print one line of JSON with seconds."
        )

        @Option(help: "Tiles of the partition that is committed.")
        var tiles = 10_000
        @Option(help: "Tiles that come after the first commit, at most 100 or a multiple of it.")
        var more = 100
        @Option(help: "How often they come.")
        var increments = 1
        @Option(help: "Partitions with so many tiles; all but one are in the catalog only.")
        var partitions = 1
        @Option(help: "Where versions are pushed to: a directory, or s3://BUCKET/PREFIX@ENDPOINT; may be repeated.")
        var remote: [String] = []
        @Option(help: "An empty directory.")
        var directory: String

        func validate() throws {
            guard tiles > 1, more > 1, partitions > 0, increments >= 0 else {
                throw ValidationError("give 2 tiles or more")
            }
        }

        func run() async throws {
            let remotes = remote.map { text in
                let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
                return (url: parts[0], endpoint: parts.count > 1 ? parts[1] : nil)
            }
            let benchmark = DVCBenchmark(
                tiles: tiles,
                more: more,
                increments: increments,
                partitions: partitions,
                remotes: remotes,
                directory: directory
            )
            print(try await benchmark.run().text)
        }
    }
}

extension SourcesBenchmark.Mode: ExpressibleByArgument {}
