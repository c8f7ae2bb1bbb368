import ArgumentParser
import Events
import Lineage
import Projections

struct RecipeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipe",
        abstract: "Show the settings that tiles are made by, what others would change, and adopt them.",
        subcommands: [RecipeShowCommand.self, RecipeDiffCommand.self, RecipeAdoptCommand.self]
    )
}

struct RecipeShowCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print a recipe as a settings file, all defaults written out.",
        discussion: """
            `swathlog reprocess --recipe FILE` goes back to it. Exit codes: 0, or 1 when there is no such recipe.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "Beginning of a recipe's digest; the current one when none is given.")
    var digest: String?

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let found = try await store.catalog.recipes().filter { recipe in
            digest.map { recipe.digest.description.hasPrefix($0.lowercased()) } ?? true
        }
        // With no digest, the first is the one that was adopted last.
        guard let recipe = found.first else { throw LineageError.noRecipe(digest) }
        if let digest, found.count > 1 {
            throw LineageError(.ambiguous, "several recipes begin with '\(digest)': give more digits")
        }
        if options.json {
            let json = CanonicalJSON {
                $0.set("digest", recipe.digest)
                $0.set("adopted_position", recipe.adoptedPosition)
                $0.set("recipe", recipe.recipe.json)
            }
            return Terminal.print(json.text)
        }
        let lines = recipe.recipe.settings.sorted { $0.key < $1.key }.map { name, value in
            // JSON's strings are YAML's.
            "\(name): \(quoted(value))"
        }
        let head = [
            "# recipe \(recipe.digest)",
            "# engine revision \(recipe.recipe.engineRevision), adopted at position \(recipe.adoptedPosition)",
        ]
        Terminal.print((head + lines).joined(separator: "\n"))
    }

    private func quoted(_ value: String) -> String {
        var out: [UInt8] = []
        CanonicalJSON.appendQuoted(value, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}

struct RecipeDiffCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare the store's recipe with the one that these settings would adopt.",
        discussion: "Nothing is changed. Exit codes: 0 when they are the same, 1 when tiles would be made anew."
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup(title: "Recipe")
    var recipe: RecipeOptions

    func execute() async throws {
        var layers = try await options.layers(recipe.flags)
        let store = try await StoreReader.open(try await options.paths())
        guard let before = try await store.catalog.currentRecipe() else { throw LineageError.noRecipe(nil) }
        layers.recipe = before.values
        let after = try Settings(layers, cores: 1).recipe
        let (all, derived) = try await store.catalog.contents(derivedUnder: after.digest)
        let changes = changes(from: before, to: after)
        if options.json {
            let json = CanonicalJSON {
                $0.set("from", before.digest)
                $0.set("to", after.digest)
                $0.set(
                    "changes",
                    changes.map { change in
                        CanonicalJSON {
                            $0.set("setting", change.name)
                            $0.set("from", change.before)
                            $0.set("to", change.after)
                        }
                    }
                )
                $0.set("images", all)
                $0.set("images_derived_before", derived)
            }
            Terminal.print(json.text)
        } else if changes.isEmpty {
            Terminal.print("The same recipe, \(before.digest): nothing would be made anew.")
        } else {
            var table = Table()
            for change in changes { table.add(change.name, change.before ?? "-", "→", change.after ?? "-") }
            let images =
                "\(Quantities.plural(all, "image", "images")): \(Quantities.count(derived)) were cut by this recipe before and are only linked, \(Quantities.count(all - derived)) would be cut anew."
            Terminal.print("\(before.digest) → \(after.digest)\n\(table.text)\n\(images)")
        }
        if !changes.isEmpty { throw Exit.negative }
    }

    private func changes(from before: Recipe, to after: Recipe) -> [(name: String, before: String?, after: String?)] {
        var changes: [(name: String, before: String?, after: String?)] = []
        if before.engineRevision != after.engineRevision {
            changes.append(("engine_revision", String(before.engineRevision), String(after.engineRevision)))
        }
        for name in Set(before.settings.keys).union(after.settings.keys).sorted()
        where before.settings[name] != after.settings[name] {
            changes.append((name, before.settings[name], after.settings[name]))
        }
        return changes
    }
}

extension LineageError {
    static func noRecipe(_ digest: String?) -> LineageError {
        LineageError(
            .notFound,
            digest.map { "no recipe's digest begins with '\($0)': see `swathlog log --type RecipeAdopted`" }
                ?? "the store has no recipe yet: ingest into it first"
        )
    }
}
