import ArgumentParser
import Events
import Files
import Lineage
import Stages

struct ExportSTACCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "stac",
        abstract: "Write the dataset's versions as a static STAC catalog: images, and the tiles derived from them.",
        discussion: """
            DIRECTORY gets a catalog.json, a collection for each partition, and in it an item for each image and each of \
            its tiles, with footprints where the images tell them, and with sizes, checksums and how they were made. What is \
            in no dataset version is left out. Exit codes: 0, or 1 when there is no such partition or moment.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Option(help: "Only this partition.")
    var partition: String?

    @Option(help: "Where readers find the dataset: a directory or URL. Without it, its directory on this machine.")
    var datasetHref: String?

    @Option(help: "The dataset as of then: a log position, a time (RFC 3339), or a git revision of the dataset.")
    var at: String?

    @Argument(help: "Directory to write, which must not hold anything yet.")
    var directory: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let database = try await store.database(at: at)
        let export = STACExport(
            log: store.log,
            database: database,
            dataset: datasetHref ?? store.paths.dataset,
            version: Agent.version
        )
        let count = try await export.write(to: absolute(directory), partition: partition) { count in
            guard Terminal.errorIsTerminal, !options.json, count.images.isMultiple(of: 100) else { return }
            Terminal.overwrite("\r\(count.images) images, \(count.tiles) tiles")
        }
        if Terminal.errorIsTerminal, !options.json { Terminal.overwrite("\r\u{1B}[K") }
        if options.json {
            let json = CanonicalJSON {
                $0.set("collections", count.collections)
                $0.set("images", count.images)
                $0.set("tiles", count.tiles)
            }
            return Terminal.print(json.text)
        }
        let images = Quantities.plural(count.images, "image", "images")
        let tiles = Quantities.plural(count.tiles, "tile", "tiles")
        Terminal.print("\(images) and \(tiles) in \(Quantities.plural(count.collections, "collection", "collections"))")
    }
}
