import ArgumentParser
import Events
import Lineage
import Projections
import Stages

struct RecipeAdoptCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Make the settings of a file the store's recipe.",
        discussion: """
            New images are cut by it at once. What is in the dataset is derived anew by the agent that runs, or by the next \
            one; a partition is committed again when all of it is. `swathlog reprocess` does that beside the dataset as it \
            stands, says before what it takes, and can be cancelled. Exit codes: 0, or 78 for a wrong setting.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "YAML file with settings of the recipe; those that it leaves out stay.")
    var file: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let before = try await store.catalog.currentRecipe()
        let recipe = try await options.recipe(try await RecipeFile.read(file), in: store)
        guard try await !store.catalog.generations().contains(where: \.isPending) else {
            throw SettingsError(
                .contradiction,
                "a re-derivation is under way: let it end, or end it with `swathlog reprocess --cancel`"
            )
        }
        let isNew = recipe != before
        if isNew {
            try await OperatorRequest(paths: store.paths).submit([.init(RecipeAdopted(recipe: recipe), stream: .recipe)]
            )
        }
        if options.json {
            let json = CanonicalJSON {
                $0.set("from", before?.digest)
                $0.set("to", recipe.digest)
                $0.set("adopted", isNew)
            }
            return Terminal.print(json.text)
        }
        Terminal.print(
            isNew
                ? "Adopted \(recipe.digest): the agent that runs derives the dataset anew, or the next one."
                : "The store has this recipe, \(recipe.digest)."
        )
    }
}
