import ArgumentParser
import Events
import Projections
import Stages

struct QuarantineReleaseCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Try quarantined objects again.",
        discussion: """
            The agent that runs, or the next one, fetches them anew, or cuts them again where their bytes are kept. Notices \
            that could not be read, and versions that a newer one has replaced, can't be tried again. \
            Exit codes: 0, or 1 when there is nothing to release.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var selection: QuarantineSelection

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let found = try await selection.objects(in: store)
        let objects = found.filter(\.isReleasable)
        if selection.id != nil, let object = found.first, objects.isEmpty {
            throw NotFound(
                object.isNotice
                    ? "a notice that could not be read names no object to try again: dismiss it"
                    : "a newer version of \(object.key) is known: this one is not wanted any more; dismiss it"
            )
        }
        guard !objects.isEmpty else { throw NotFound("nothing is in quarantine that can be tried again") }
        try await OperatorRequest(paths: store.paths).submit(
            objects.map { .init(ObjectReleased(reason: $0.reason), stream: $0.stream) }
        )
        report("released", objects.count, left: found.count - objects.count, json: options.json)
    }
}

struct QuarantineDismissCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "dismiss",
        abstract: "Lay quarantined objects and notices aside: they stay out, and count as trouble no more.",
        discussion: """
            A new upload of the key is taken all the same, and a dismissed object can be released. \
            Exit codes: 0, or 1 when there is nothing to dismiss.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var selection: QuarantineSelection

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let objects = try await selection.objects(in: store).filter { !$0.isDismissed }
        guard !objects.isEmpty else { throw NotFound("nothing is in quarantine that is not dismissed") }
        try await OperatorRequest(paths: store.paths).submit(
            objects.map { .init(ObjectDismissed(reason: $0.reason), stream: $0.stream) }
        )
        report("dismissed", objects.count, left: 0, json: options.json)
    }
}

private func report(_ done: String, _ count: Int, left: Int, json: Bool) {
    if json {
        let json = CanonicalJSON {
            $0.set(done, count)
            $0.set("left", left)
        }
        return Terminal.print(json.text)
    }
    Terminal.print(
        "\(Quantities.plural(count, "object", "objects")) \(done)"
            + (left > 0 ? ", \(left) left that can't be: notices, or replaced by a newer version" : "")
    )
}
