/// What endpoints can be told of.
package enum NotificationKind: String, Sendable, CaseIterable {
    case datasetCommitted = "swathlog.dataset.committed"
    case datasetPushed = "swathlog.dataset.pushed"
    case datasetRebased = "swathlog.dataset.rebased"
    case generationCutOver = "swathlog.generation.cut_over"
    case objectQuarantined = "swathlog.object.quarantined"
    case sourceDown = "swathlog.source.down"
    case sourceRecovered = "swathlog.source.recovered"
    case auditFailed = "swathlog.audit.failed"
}

/// What an endpoint wants to be told of.
package struct EndpointFilter: Sendable, Equatable {
    /// Types; empty for all.
    package var kinds: [String]
    /// Names, or the beginning of one and `*`; empty for all.
    package var partitions: [String]

    package init(kinds: [String] = [], partitions: [String] = []) {
        self.kinds = kinds
        self.partitions = partitions
    }

    /// - Parameter partition: nil for what belongs to none; a filter by partition does not keep it out.
    package func takes(_ kind: NotificationKind, partition: String?) -> Bool {
        guard kinds.isEmpty || kinds.contains(kind.rawValue) else { return false }
        guard let partition, !partitions.isEmpty else { return true }
        return partitions.contains { wanted in
            wanted.hasSuffix("*") ? partition.hasPrefix(wanted.dropLast()) : partition == wanted
        }
    }
}
