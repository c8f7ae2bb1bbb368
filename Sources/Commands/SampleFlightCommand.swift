import ArgumentParser
import Events
import SampleFlight

struct SampleFlightCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-flight",
        abstract: "Draw a survey flight: aerial frames with EXIF and XMP, always the same for a seed."
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "Directory to make for the frames; the one above it has to be there.")
    var directory: String

    @Option(help: "Number of frames.")
    var images = 8

    @Option(help: "Size of a frame in megapixels.")
    var megapixels = 20.0

    @Option(help: "Number that the landscape follows from.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...100_000).contains(images) else { throw ValidationError("--images is from 1 to 100 000") }
        guard (0.01...200).contains(megapixels) else { throw ValidationError("--megapixels is from 0.01 to 200") }
    }

    func execute() async throws {
        let flight = SampleFlight(images: images, megapixels: megapixels, seed: seed)
        let json = options.json
        try await flight.write(to: directory, workers: 2) { done, total in
            guard Terminal.errorIsTerminal, !json else { return }
            Terminal.overwrite("\r\u{1B}[Kframe \(done)/\(total)")
        }
        if Terminal.errorIsTerminal, !json { Terminal.overwrite("\r\u{1B}[K") }
        let size = flight.size
        if json {
            let answer = CanonicalJSON {
                $0.set("directory", directory)
                $0.set("images", images)
                $0.set("width", size.width)
                $0.set("height", size.height)
            }
            Terminal.print(answer.text)
        } else {
            Terminal.print(
                "\(Quantities.plural(images, "frame", "frames")) of \(size.width) × \(size.height) pixels in \(directory)"
            )
        }
    }
}
