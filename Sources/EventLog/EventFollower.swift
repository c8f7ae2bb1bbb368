package import Events

/// All events of a log after a position, then those to come, in pages; it ends only by cancellation.
package struct EventFollower: AsyncSequence {
    package typealias Element = [RecordedEvent]

    let log: EventLog
    let position: Int

    package func makeAsyncIterator() -> Iterator {
        Iterator(log: log, position: position)
    }

    package struct Iterator: AsyncIteratorProtocol {
        let log: EventLog
        var position: Int

        package mutating func next() async throws -> [RecordedEvent]? {
            while true {
                let page = try await log.read(after: position)
                if let last = page.last {
                    position = last.position
                    return page
                }
                try await log.waitForEvents(after: position)
            }
        }
    }
}
