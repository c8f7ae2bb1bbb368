/// Decides when a file is whole; a pure state machine that does no I/O and is told the time.
///
/// A file is settled when its writer was seen to close it, when its last change is older than `quiet` at the first look,
/// or when two looks at least `quiet` apart found the same size, time and inode. A file that changed between two looks
/// starts over, and its age no longer counts then: a growing file whose time looks old lies on a server whose clock is
/// behind. A time in the future is no reason to wait for it.
///
/// Only files that are not settled are kept, and only so many of them; further ones are for another sweep to find, see
/// `takeOverflow()`. Whoever calls says when each is looked at: ask `due(now:)` for the keys
/// whose second look is due, look at each, and pass what was found to `look(_:now:closed:)`, or the key to `forget(_:)`
/// where nothing is there any more.
package struct Settling: Sendable {
    private struct Pending {
        let file: ObservedFile
        let since: ContinuousClock.Instant
        /// Tells the entry's place in the queue from its earlier, stale ones.
        let ticket: UInt64
    }

    private struct Turn {
        let key: ExactKey
        let since: ContinuousClock.Instant
        let ticket: UInt64
    }

    /// How long a file has to stay as it is.
    package let quiet: Duration
    /// How many files are kept.
    private let limit: Int
    private var hasOverflowed = false
    private var pending: [ExactKey: Pending] = [:]
    /// In the order in which the looks fall due: each begins its wait at the time of its look, and the clock is steady.
    private var turns: [Turn] = []
    private var head = 0
    private var lastTicket: UInt64 = 0

    package init(quiet: Duration = .seconds(2), limit: Int = 65_536) {
        self.quiet = quiet
        self.limit = limit
    }

    /// The number of files that are not settled.
    package var pendingCount: Int { pending.count }

    /// Takes a look into account and returns whether the file is settled.
    ///
    /// `closed` says that this look follows a hint that the file was closed after writing or was moved in.
    package mutating func look(_ file: ObservedFile, now: Moment, closed: Bool = false) -> Bool {
        let key = ExactKey(file.key)
        if closed {
            pending[key] = nil
            return true
        }
        guard let known = pending[key] else {
            if isOld(file, now) { return true }
            guard pending.count < limit else {
                hasOverflowed = true
                return false
            }
            wait(for: file, key, now)
            return false
        }
        guard known.file.hasSameContent(as: file) else {
            wait(for: file, key, now)
            return false
        }
        guard now.steady - known.since >= quiet else { return false }
        pending[key] = nil
        return true
    }

    /// Drops a file that was removed or that something else took over.
    package mutating func forget(_ key: String) {
        pending[ExactKey(key)] = nil
    }

    /// Whether files were passed over and there is room for them now; asked for once.
    package mutating func takeOverflow() -> Bool {
        guard hasOverflowed, pending.count <= limit / 2 else { return false }
        hasOverflowed = false
        return true
    }

    /// The time of the next look that is due, not before now; nil while everything is settled.
    package mutating func nextLook(now: Moment) -> ContinuousClock.Instant? {
        dropStaleTurns()
        return head < turns.count ? max(turns[head].since + quiet, now.steady) : nil
    }

    /// The keys whose look is due, longest waiting first.
    package mutating func due(now: Moment) -> [String] {
        dropStaleTurns()
        return turns[head...].prefix { now.steady - $0.since >= quiet }
            .filter { pending[$0.key]?.ticket == $0.ticket }
            .map(\.key.text)
    }

    private func isOld(_ file: ObservedFile, _ now: Moment) -> Bool {
        let (age, overflow) = now.wallNanoseconds.subtractingReportingOverflow(file.modifiedNanoseconds)
        // It overflows for a time before 1678 only, or for one far in the future.
        return overflow ? file.modifiedNanoseconds < 0 : Duration.nanoseconds(age) >= quiet
    }

    private mutating func wait(for file: ObservedFile, _ key: ExactKey, _ now: Moment) {
        lastTicket += 1
        pending[key] = Pending(file: file, since: now.steady, ticket: lastTicket)
        turns.append(Turn(key: key, since: now.steady, ticket: lastTicket))
    }

    private mutating func dropStaleTurns() {
        while head < turns.count, pending[turns[head].key]?.ticket != turns[head].ticket {
            head += 1
        }
        if head == turns.count || head > max(1024, turns.count / 2) {
            turns.removeFirst(head)
            head = 0
        }
    }
}
