package import Events
package import Projections

/// A projector that acts on the world: it takes items from its part of the work list and appends receipts.
///
/// A stage has no state that matters: what is in flight lives in memory, what happened lives in the log.
package protocol Stage: Sendable {
    /// Its name on the work list and in events.
    var name: String { get }
    /// How many items it works on at once.
    var parallelism: Int { get }
    /// How it repeats what failed for a passing reason.
    var retry: RetryPolicy { get }
    /// The policy for one item; `retry` where it says nothing else.
    func retry(of item: WorkItem) async throws -> RetryPolicy
    /// Whether an item that brings the agent down again and again is given up; so it is where items are objects.
    var givesUpOnCrashes: Bool { get }
    /// When an item that is on the list may be begun; nil for now.
    func postpone(_ item: WorkItem) async throws -> Postponement?
    /// Does an item's work and appends the receipt.
    ///
    /// - Returns: the position of the receipt, after which the item is off the list.
    /// - Throws: `StageFailure`, or another error, which is classed by `StageFailure.init(classing:)`.
    func perform(_ item: WorkItem) async throws -> Int
    /// Appends the event that ends an item which can't be done, and returns its position.
    func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int
    /// Throws while what paused the whole stage is still so.
    func probe() async throws
    /// The sources whose items wait because they are left alone, by name.
    var outages: [String: Outage] { get }
    /// How many items can't be done before a source gives something.
    func waiting(for source: String) async throws -> Int
}

/// How long an item should be left alone.
package enum Postponement: Sendable, Equatable {
    /// Until something on the work list changes.
    case untilChange
    /// Until a moment, or until something changes.
    case until(Timestamp)
}

extension Stage {
    package var givesUpOnCrashes: Bool { false }
    package func retry(of item: WorkItem) async throws -> RetryPolicy { retry }
    package func postpone(_ item: WorkItem) async throws -> Postponement? { nil }
    package func probe() async throws {}
    package var outages: [String: Outage] { [:] }
    package func waiting(for source: String) async throws -> Int { 0 }
}
