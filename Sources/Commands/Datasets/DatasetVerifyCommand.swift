import ArgumentParser
import DVC
import Events
import Files
import Lineage
import Projections
import Stages

struct DatasetVerifyCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Look whether the cache and the remotes have every object with the recorded bytes.",
        discussion: """
            The newest version of each partition is looked at, and what is found is recorded in the log. With \
            --repair an object is copied from another place that has its recorded bytes, or its tile is cut again \
            from the original, which is fetched again where it is not kept; only bytes of the recorded digests are \
            put back. At places that only the installed dvc can speak to, what is missing is found by `dvc status \
            --cloud` and sent again by `dvc push`; damage is found only with --read, which downloads all of it once. \
            Exit codes: 0 when all is sound (again), 1 when something is missing or damaged.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Option(name: .long, help: "Only this partition.")
    var partition: String?

    @Flag(name: .long, help: "All versions that were committed, not only the newest ones.")
    var all = false

    @Flag(name: .long, help: "What was pushed to DVC remotes as well.")
    var remote = false

    @Flag(name: .long, help: "With --remote: read every object, and take neither a bucket's ETags nor dvc's word.")
    var read = false

    @Flag(name: .long, help: "Put right what is missing or damaged.")
    var repair = false

    @Flag(inversion: .prefixedNo, help: "Record in the log what was found.")
    var record = true

    func validate() throws {
        guard remote || !read else { throw ValidationError("--read goes with --remote") }
    }

    func execute() async throws {
        let layers = try await options.layers()
        let store = try await StoreReader.open(try StorePaths(layers))
        guard
            let repository = try await DatasetRepository.openForReading(
                at: store.paths.dataset,
                patience: repair ? .seconds(60) : .zero
            )
        else { throw NotFound("\(store.paths.dataset) is no git repository yet: nothing was committed") }
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        let remotes = Remotes(
            repository: store.paths.dataset,
            owner: "repair\0\(Agent.host)\0\(store.paths.dataset)",
            caBundle: try layers.find(.caBundle)?.value
        )
        // Who only looks needs no settings that are in order.
        let buckets = repair ? try Buckets(Settings(layers, cores: Agent.cores).sources) : nil
        let verification = DatasetVerification(
            paths: store.paths,
            catalog: store.catalog,
            repository: repository,
            remotes: remotes,
            rederivation: Rederivation(
                paths: store.paths,
                stores: buckets?.stores() ?? [:],
                workers: Agent.cores
            ),
            cores: Agent.cores
        )
        var scope = DatasetVerification.Scope()
        scope.partition = partition
        scope.allVersions = all
        scope.remotes = remote
        scope.reads = read
        scope.repairs = repair
        let showsProgress = Terminal.errorIsTerminal && !options.json
        let report: VerificationReport
        do {
            report = try await verification.run(scope) { place, done, total in
                guard showsProgress else { return }
                Terminal.overwrite("\r\u{1B}[K\(place.visible) \(Quantities.count(done))/\(Quantities.count(total))")
            }
        } catch {
            await remotes.close()
            await buckets?.close()
            throw error
        }
        await remotes.close()
        await buckets?.close()
        if showsProgress { Terminal.overwrite("\r\u{1B}[K") }
        if record { try await OperatorRequest(paths: store.paths).submit(report.events) }
        Terminal.print(options.json ? report.json.text : text(report))
        if !report.open.isEmpty || !report.notChecked.isEmpty { throw Exit.negative }
    }

    private static func text(notPushed versions: [CatalogCommit]) -> String {
        let limit = 5
        let some = versions.prefix(limit).map { "\($0.partition) \($0.gitCommit?.prefix(10) ?? "")" }
        let more = versions.count > limit ? ", and \(Quantities.count(versions.count - limit)) more" : ""
        let count = Quantities.plural(versions.count, "version was", "versions were")
        return "\(count) not pushed: \(some.joined(separator: ", "))\(more)"
    }

    private func text(_ report: VerificationReport) -> String {
        var places = Table()
        for place in report.checked {
            let bad = report.damage.count { $0.place == place.place }
            let all = Quantities.plural(place.objects, "object", "objects")
            places.add(
                place.place,
                "\(Quantities.count(place.objects - bad)) of \(all) \(place.comparesBytes ? "sound" : "there; --read compares their bytes")"
            )
        }
        for place in report.notChecked { places.add(place.remote, "not checked: \(place.why)") }
        var lines = [places.text]
        if !report.notPushed.isEmpty { lines.append(Self.text(notPushed: report.notPushed)) }
        if report.damage.isEmpty {
            lines.insert(
                Terminal.green("\(Quantities.plural(report.versions, "version", "versions")): everything is there."),
                at: 0
            )
            return lines.joined(separator: "\n")
        }
        let repaired = report.damage.count - report.open.count
        let verdict =
            report.open.isEmpty
            ? Terminal.green("\(Quantities.plural(repaired, "object", "objects")) repaired; everything is there.")
            : Terminal.red(
                "\(Quantities.plural(report.open.count, "object", "objects")) missing or damaged"
                    + (repaired > 0 ? ", \(Quantities.count(repaired)) repaired" : "") + ":"
            )
        lines.insert(verdict, at: 0)
        var table = Table()
        for damage in report.damage {
            table.add(
                damage.repairedFrom == nil ? (damage.isMissing ? "missing" : "damaged") : "repaired",
                damage.place,
                damage.name,
                damage.repairedFrom.map { "from \($0)" }
                    ?? damage.message + (damage.problem.map { "; not repaired: \($0)" } ?? "")
            )
        }
        lines.append(table.text)
        if repaired == 0, !repair { lines.append("`swathlog dataset verify --repair` puts it right where it can.") }
        return lines.joined(separator: "\n")
    }
}

extension VerificationReport {
    /// What the log is to know of it.
    fileprivate var events: [OperatorRequest.Wish] {
        var events: [OperatorRequest.Wish] = []
        for damage in damage {
            let object = damage.object
            if !damage.isRecorded {
                events.append(
                    .init(
                        ArtifactDamaged(
                            artifact: object.expected.id,
                            kind: object.kind.rawValue,
                            partition: object.partition,
                            path: object.path,
                            place: damage.place,
                            reason: damage.reason,
                            message: damage.message
                        ),
                        stream: .dataset(object.partition)
                    )
                )
            }
            guard let source = damage.repairedFrom else { continue }
            events.append(
                .init(
                    ArtifactVerified(
                        artifact: object.expected.id,
                        kind: object.kind.rawValue,
                        partition: object.partition,
                        place: damage.place,
                        objects: 1,
                        bytes: object.expected.size ?? 0,
                        repairedFrom: source
                    ),
                    stream: .dataset(object.partition)
                )
            )
        }
        for known in recovered {
            events.append(
                .init(
                    ArtifactVerified(
                        artifact: known.artifact,
                        kind: known.kind,
                        partition: known.partition,
                        place: known.place,
                        objects: 1,
                        bytes: 0,
                        repairedFrom: nil
                    ),
                    stream: .dataset(known.partition)
                )
            )
        }
        for sound in sound {
            events.append(
                .init(
                    ArtifactVerified(
                        artifact: sound.manifest,
                        kind: DatasetObjects.Kind.manifest.rawValue,
                        partition: sound.partition,
                        place: sound.place,
                        objects: sound.objects,
                        bytes: sound.bytes,
                        repairedFrom: nil
                    ),
                    stream: .dataset(sound.partition)
                )
            )
        }
        return events
    }
}
