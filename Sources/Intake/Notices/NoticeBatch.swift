/// What one message holds: each record stands for itself.
package struct NoticeBatch: Sendable, Hashable {
    /// The records in the order of the message, readable or not.
    package var records: [Result<ObjectNotice, MalformedNotice>]
    /// Records and messages that are understood and say nothing of interest, such as `s3:TestEvent` or a restored tag.
    package var ignored: Int

    package init(records: [Result<ObjectNotice, MalformedNotice>] = [], ignored: Int = 0) {
        self.records = records
        self.ignored = ignored
    }

    package var notices: [ObjectNotice] { records.compactMap { try? $0.get() } }

    package var malformed: [MalformedNotice] {
        records.compactMap { record in
            guard case .failure(let malformed) = record else { return nil }
            return malformed
        }
    }

    /// Takes in another message's records behind its own.
    package mutating func append(_ other: NoticeBatch) {
        records += other.records
        ignored += other.ignored
    }
}
