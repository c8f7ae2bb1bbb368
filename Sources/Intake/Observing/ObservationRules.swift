import Events
import Projections

/// Decides what a telling means beside what is known of its key.
///
/// Sequencers decide where both sides have one, else time. A listing is the truth as of when its page was asked for: it
/// counts against what was recorded before that, and what was made before it was recorded is older than it.
struct ObservationRules {
    enum Decision: Sendable, Equatable {
        /// Record the version: as the newest, or as one that came late.
        case observe(late: Bool)
        /// Record that the version, which is the newest, was made once more: what is told later is judged by that.
        case observeAgain
        /// Record that the key is gone.
        case remove
        /// It is known.
        case repeated
        /// Something newer is known, or nothing that it could be about.
        case outdated
    }

    /// The newest known version of the key.
    let newest: CatalogObject?
    /// Whether the version that the telling names is known, as the newest or an older one.
    let isKnown: Bool

    func decide(_ telling: Telling) -> Decision {
        switch telling {
        case .notice(let notice, let version?): created(notice, version)
        case .notice(let notice, nil): removed(notice)
        case .listed(let object, let askedAt): listed(object, askedAt)
        case .missing(_, _, let askedAt): missing(askedAt)
        }
    }

    private func created(_ notice: ObjectNotice, _ version: VersionName) -> Decision {
        guard let newest else { return .observe(late: false) }
        if newest.version == version.etag, newest.size == version.size {
            guard isNewer(notice, than: newest) == true else { return .repeated }
            return isFinished(newest) ? .observe(late: false) : .observeAgain
        }
        // Who tells neither sequencer nor time is believed: it is all that is known.
        if isNewer(notice, than: newest) ?? true { return .observe(late: false) }
        return isKnown ? .outdated : .observe(late: true)
    }

    private func removed(_ notice: ObjectNotice) -> Decision {
        guard let newest else { return .outdated }
        if newest.state == "removed" { return .repeated }
        // One version was deleted, and the key may hold another; a listing will tell.
        if let version = notice.versionID, newest.versionID != version { return .outdated }
        return isNewer(notice, than: newest) ?? true ? .remove : .outdated
    }

    private func listed(_ object: ListedObject, _ askedAt: Timestamp) -> Decision {
        guard let newest else { return .observe(late: false) }
        guard newest.version == object.etag, newest.size == object.size else {
            return askedAt > lastRecorded(newest) ? .observe(late: false) : .outdated
        }
        switch newest.state {
        case "removed": return askedAt > lastRecorded(newest) ? .observe(late: false) : .repeated
        case "quarantined":
            let isUploadedAgain = object.modified > newest.modifiedAt ?? newest.observedAt
            let isBack = Absence.wasAway(newest.reason) && askedAt > newest.endedAt ?? newest.observedAt
            return isUploadedAgain || isBack ? .observe(late: false) : .repeated
        default: return .repeated
        }
    }

    private func missing(_ askedAt: Timestamp) -> Decision {
        guard let newest else { return .outdated }
        if newest.state == "removed" { return .repeated }
        return askedAt > newest.observedAt ? .remove : .outdated
    }

    /// Whether nothing more would be done for it unless it is observed again.
    private func isFinished(_ object: CatalogObject) -> Bool {
        object.state == "quarantined" || object.state == "removed"
    }

    private func lastRecorded(_ object: CatalogObject) -> Timestamp {
        object.state == "removed" ? object.endedAt ?? object.observedAt : object.observedAt
    }

    /// Whether what a notice tells happened after what is known of the key; nil where nobody can say.
    private func isNewer(_ notice: ObjectNotice, than known: CatalogObject) -> Bool? {
        let isRemoved = known.state == "removed"
        let order = isRemoved ? known.removedSequencer ?? known.sequencer : known.sequencer
        if let order, let own = notice.sequencer {
            if Self.isAfter(own, order) { return true }
            if Self.isAfter(order, own) { return false }
            // Some servers give every event the same.
        }
        guard let time = notice.eventTime else { return nil }
        if isRemoved { return time > known.removedAt ?? known.endedAt ?? known.observedAt }
        // What a listing found had been made before it was recorded, whenever that was.
        if known.announcedBy == Announcer.listing.rawValue { return time > known.observedAt }
        return time > known.modifiedAt ?? known.observedAt
    }

    /// Compares sequencers: the shorter one is padded with zeros on the right, then they are compared as text.
    ///
    /// (Amazon S3 User Guide, "Event message structure".)
    static func isAfter(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        let zero = UInt8(ascii: "0")
        for index in 0..<max(left.count, right.count) {
            let (a, b) = (index < left.count ? left[index] : zero, index < right.count ? right[index] : zero)
            if a != b { return a > b }
        }
        return false
    }
}
