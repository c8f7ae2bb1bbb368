import Events

/// The JSON of OpenLineage 2-0-2 (openlineage.io/spec/2-0-2/OpenLineage.json) and of the facets that are used of it.
struct OpenLineageVocabulary: Sendable {
    private static let specification = "https://openlineage.io/spec"
    let namespace: String
    let version: String

    /// Who made an event or a facet, as the specification asks: a URI.
    private var producer: String { "urn:swathlog:\(version)" }

    func event(_ state: OpenLineageState, _ run: OpenLineageRun, at time: Timestamp) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("eventType", state.name)
            $0.set("eventTime", time.description)
            $0.set("producer", producer)
            $0.set("schemaURL", "\(Self.specification)/2-0-2/OpenLineage.json#/$defs/RunEvent")
            $0.set("run", self.run(run, state))
            $0.set("job", job(run.job))
            $0.set("inputs", run.inputs)
            $0.set("outputs", run.outputs)
        }
    }

    private func run(_ run: OpenLineageRun, _ state: OpenLineageState) -> CanonicalJSON {
        let engine = facet("ProcessingEngineRunFacet", "1-1-1") {
            $0.set("name", "swathlog")
            $0.set("version", version)
            $0.set("openlineageAdapterVersion", version)
        }
        let parent = run.parent.map { parent in
            facet("ParentRunFacet", "1-2-0") {
                $0.set("run", CanonicalJSON { $0.set("runId", parent.description) })
                $0.set("job", name("agent"))
            }
        }
        var failure: CanonicalJSON?
        if case .fail(let message) = state {
            failure = facet("ErrorMessageRunFacet", "1-0-1") {
                $0.set("message", message)
                $0.set("programmingLanguage", "Swift")
            }
        }
        return CanonicalJSON {
            $0.set("runId", run.id.description)
            $0.set(
                "facets",
                CanonicalJSON {
                    $0.set("processing_engine", engine)
                    $0.set("parent", parent)
                    $0.set("errorMessage", failure)
                }
            )
        }
    }

    private func job(_ job: String) -> CanonicalJSON {
        var json = name(job)
        let type = facet("JobTypeJobFacet", "2-0-4") {
            $0.set("processingType", job == "agent" ? "STREAMING" : "BATCH")
            $0.set("integration", "SWATHLOG")
            $0.set("jobType", job.uppercased())
        }
        json.set("facets", CanonicalJSON { $0.set("jobType", type) })
        return json
    }

    private func name(_ job: String) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("namespace", namespace)
            $0.set("name", "swathlog.\(job)")
        }
    }

    /// A source object, named as openlineage.io/docs/spec/naming asks.
    func source(_ place: OpenLineagePlace, content: Digest) -> CanonicalJSON {
        let isFolder = place.source == "folder"
        let version = facet("DatasetVersionDatasetFacet", "1-0-1") {
            $0.set("datasetVersion", "sha256:\(content)")
        }
        return CanonicalJSON {
            $0.set("namespace", isFolder ? "file" : "\(place.source)://\(place.bucket)")
            $0.set("name", isFolder ? "\(place.bucket)/\(place.key)" : place.key)
            $0.set("facets", CanonicalJSON { $0.set("version", version) })
        }
    }

    /// A partition of the dataset, in a version of it and with what was written to it.
    func partition(_ name: String, version: String?, statistics: OpenLineageStatistics?) -> CanonicalJSON {
        dataset(namespace: namespace, name: name, version: version, statistics: statistics)
    }

    private func dataset(
        namespace: String,
        name: String,
        version: String?,
        statistics: OpenLineageStatistics?
    ) -> CanonicalJSON {
        let version = version.map { version in
            facet("DatasetVersionDatasetFacet", "1-0-1") { $0.set("datasetVersion", version) }
        }
        let written = statistics.map { statistics in
            facet("OutputStatisticsOutputDatasetFacet", "1-0-2") {
                $0.set("rowCount", statistics.files)
                $0.set("fileCount", statistics.files)
                $0.set("size", statistics.bytes)
            }
        }
        return CanonicalJSON {
            $0.set("namespace", namespace)
            $0.set("name", name)
            $0.set("facets", CanonicalJSON { $0.set("version", version) })
            if let written { $0.set("outputFacets", CanonicalJSON { $0.set("outputStatistics", written) }) }
        }
    }

    /// A DVC remote: a directory, or a place in a bucket.
    func remote(_ url: String, version: String, statistics: OpenLineageStatistics?) -> CanonicalJSON {
        let parts = url.split(separator: "://", maxSplits: 1).map(String.init)
        let place = parts.count == 2 ? parts[1].split(separator: "/", maxSplits: 1).map(String.init) : []
        return dataset(
            namespace: place.first.map { "\(parts[0])://\($0)" } ?? "file",
            name: parts.count == 2 ? place.dropFirst().first ?? "/" : url,
            version: version,
            statistics: statistics
        )
    }

    private func facet(_ name: String, _ revision: String, _ fill: (inout CanonicalJSON) -> Void) -> CanonicalJSON {
        var facet = CanonicalJSON(fill)
        facet.set("_producer", producer)
        facet.set("_schemaURL", "\(Self.specification)/facets/\(revision)/\(name).json#/$defs/\(name)")
        return facet
    }
}
