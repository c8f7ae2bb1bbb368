import ArgumentParser
import Events
import Intake
import ObjectStores

struct ReconcileCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "List the bucket, and say what the log lacks of it.",
        discussion: """
            Changes nothing, and runs beside an agent. missing: in the bucket and not known; changed: known in another \
            version; removed: known and no more in the bucket. Exit codes: 0 when nothing is missing or changed, 1 when \
            something is.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup(title: "Buckets")
    var bucket: SourceOptions

    @Option(name: .long, help: "s3://BUCKET/PREFIX to list (SWATHLOG_SOURCE).")
    var source: String?

    @Option(name: .long, help: "What 1,000 LIST requests cost, in USD.")
    var listPrice = 0.005

    func validate() throws {
        guard listPrice >= 0 else { throw ValidationError("--list-price is a price of 0 or more") }
    }

    func execute() async throws {
        var flags = bucket.flags
        flags[.source] = source
        let settings = try Settings(try await options.layers(flags), cores: 1)
        guard case .bucket(let location) = settings.source else {
            throw SettingsError(.missing, "reconcile lists a bucket: name s3://BUCKET/PREFIX with --source")
        }
        let store = try await StoreReader.open(try await options.paths())
        let buckets = try Buckets(settings.sources)
        try buckets.check()
        let found: Reconciliation
        do {
            found = try await Reconciliation(
                of: location,
                client: buckets.client,
                catalog: store.catalog,
                filter: buckets.filter(of: [location])
            )
        } catch {
            await buckets.close()
            throw error
        }
        await buckets.close()
        let report = ReconcileReport(source: location.url, found: found, listPrice: listPrice)
        Terminal.print(options.json ? report.json.text : report.text)
        if found.missing.count + found.changed.count > 0 { throw Exit.negative }
    }
}

/// What a reconciliation found, in words and in JSON.
private struct ReconcileReport {
    let source: String
    let found: Reconciliation
    /// Of 1,000 LIST requests, in USD.
    let listPrice: Double

    private var cost: Double { Double(found.requests) * listPrice / 1_000 }

    private var samples: [(name: String, sample: Reconciliation.Sample)] {
        [("missing", found.missing), ("changed", found.changed), ("removed", found.removed)]
    }

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("source", source)
            $0.set("listed", found.listed)
            $0.set("known", found.known)
            for (name, sample) in samples {
                $0.set(name, sample.count)
                $0.set("\(name)_keys", sample.keys)
            }
            $0.set("left_out", found.leftOut)
            $0.set("unreadable_keys", found.unreadable)
            $0.set("unsorted", found.isUnsorted ? true : nil)
            $0.set("list_requests", found.requests)
            $0.set("list_price_usd_per_1000", listPrice)
            $0.set("list_cost_usd", cost)
        }
    }

    var text: String {
        var table = Table()
        table.add("source", source)
        table.add("listed", Quantities.count(found.listed))
        table.add("known", Quantities.count(found.known))
        for (name, sample) in samples { table.add(name, Quantities.count(sample.count)) }
        if found.leftOut > 0 { table.add("left out", Quantities.count(found.leftOut)) }
        if found.unreadable > 0 { table.add("not UTF-8", Quantities.count(found.unreadable)) }
        table.add(
            "cost",
            "\(Quantities.plural(found.requests, "LIST request", "LIST requests")), \(cost) USD at \(listPrice) USD for 1,000"
        )
        var lines = [table.text]
        for (name, sample) in samples where sample.count > 0 {
            lines.append("\(name):")
            lines += sample.keys.map { "  \($0.visible)" }
            if sample.count > sample.keys.count { lines.append("  … and \(sample.count - sample.keys.count) more") }
        }
        if found.isUnsorted { lines.append("The bucket lists its keys in no order: what was removed is not known.") }
        return lines.joined(separator: "\n")
    }
}
