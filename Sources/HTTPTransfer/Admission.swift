/// Who may start now and who waits, per origin; a pure state machine.
///
/// libcurl could queue by itself (`CURLMOPT_MAX_HOST_CONNECTIONS`), but then the time in the queue counts against the
/// connect timeout, and a burst of requests to a slow host fails without ever having been sent.
struct Admission<Job> {
    private struct Origin {
        var running = 0
        var waiting: [(id: UInt64, job: Job)] = []
        /// The waiting jobs before this index are gone; the array is compacted now and then.
        var head = 0
    }

    private let limit: Int
    private var origins: [String: Origin] = [:]

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Gives the job back to be started now, or keeps it until a slot of its origin is released.
    mutating func offer(_ job: Job, id: UInt64, origin: String) -> Job? {
        if origins[origin, default: Origin()].running < limit {
            origins[origin, default: Origin()].running += 1
            return job
        }
        origins[origin, default: Origin()].waiting.append((id, job))
        return nil
    }

    /// Frees a slot; a job that is returned has taken it over and starts now.
    mutating func release(origin name: String) -> Job? {
        guard var origin = origins[name] else { return nil }
        // Taken out while it changes: otherwise the array of waiting jobs would be copied for every release.
        origins[name] = nil
        guard origin.head < origin.waiting.count else {
            origin.running -= 1
            if origin.running > 0 {
                origins[name] = origin
            }
            return nil
        }
        let next = origin.waiting[origin.head].job
        origin.head += 1
        if origin.head == origin.waiting.count || origin.head >= 1024 {
            origin.waiting.removeFirst(origin.head)
            origin.head = 0
        }
        origins[name] = origin
        return next
    }

    /// Takes a job out that has not started.
    mutating func withdraw(id: UInt64, origin name: String) -> Job? {
        guard let origin = origins[name],
            let index = origin.waiting[origin.head...].firstIndex(where: { $0.id == id })
        else { return nil }
        return origins[name]?.waiting.remove(at: index).job
    }

    /// Takes out everything that has not started.
    mutating func drain() -> [Job] {
        let waiting = origins.values.flatMap { $0.waiting[$0.head...].map(\.job) }
        origins = [:]
        return waiting
    }
}
