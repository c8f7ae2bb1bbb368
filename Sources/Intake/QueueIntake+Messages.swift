import Events
import Logging
import ObjectStores
import Synchronization

extension QueueIntake {
    /// A message and what it says.
    private struct Read: Sendable {
        let message: SQSMessage
        let batch: NoticeBatch
    }

    /// Hands messages on and deletes them; meanwhile the rest of them is kept unseen.
    func handle(_ messages: [SQSMessage], _ visibility: Duration) async {
        let held = Held(messages)
        await withTaskGroup { group in
            group.addTask { await self.keepUnseen(held, visibility) }
            await deliver(messages.map { Read(message: $0, batch: NoticeParser.parse($0.body)) }, held)
            group.cancelAll()
        }
    }

    /// The messages that are in hand.
    private final class Held: Sendable {
        private let messages: Mutex<[SQSMessage]>

        init(_ messages: [SQSMessage]) {
            self.messages = Mutex(messages)
        }

        var all: [SQSMessage] { messages.withLock { $0 } }

        func letGo(_ message: SQSMessage) {
            messages.withLock { messages in messages.removeAll { $0.id == message.id } }
        }
    }

    /// All at once, since appending many events costs little more than one; where that fails, one by one, so that a
    /// message that can't be handed on holds up no other.
    private func deliver(_ read: [Read], _ held: Held) async {
        do {
            try await tell(read)
            return await delete(read.map(\.message))
        } catch {
            guard !Task.isCancelled else { return }
            if read.count == 1, settings.attempts > 1 { await pause(after: error, failures: 1) }
        }
        for one in read {
            if await deliver(one, firstAttempt: read.count == 1 ? 2 : 1) { await delete([one.message]) }
            guard !Task.isCancelled else { return }
            held.letGo(one.message)
        }
    }

    /// Whether the message was handed on before its attempts were over.
    private func deliver(_ read: Read, firstAttempt: Int) async -> Bool {
        var attempt = firstAttempt
        while attempt <= max(settings.attempts, 1) {
            do {
                try await tell([read])
                return true
            } catch {
                guard !isStopping else { return false }
                if attempt < settings.attempts { await pause(after: error, failures: attempt) }
                attempt += 1
            }
        }
        state.withLock { $0.givenBack += 1 }
        logger.error(
            "A message can't be handed on and is given back to the queue.",
            metadata: ["queue": "\(queue.location.url)", "message_id": "\(read.message.id)"]
        )
        return false
    }

    private func tell(_ read: [Read]) async throws {
        let notices = read.flatMap(\.batch.notices)
        let malformed = read.flatMap(\.batch.malformed)
        if !notices.isEmpty { try await record(notices) }
        if !malformed.isEmpty { try await quarantine(malformed) }
        state.withLock { state in
            state.failure = nil
            state.notices += notices.count
            state.malformed += malformed.count
            state.ignored += read.reduce(0) { $0 + $1.batch.ignored }
        }
    }

    /// Deletes messages whose events are on disk; one that is not deleted is told again, which does no harm.
    private func delete(_ messages: [SQSMessage]) async {
        var rest = messages
        for attempt in 1...3 {
            do {
                let failed = Set(try await queue.delete(rest))
                state.withLock { $0.deleted += rest.count - failed.count }
                rest.removeAll { !failed.contains($0.id) }
                if rest.isEmpty { return }
            } catch {
                guard !isStopping, attempt < 3 else { break }
                await pause(after: error, failures: attempt)
            }
        }
        logger.warning(
            "Messages were not deleted and will be told again.",
            metadata: ["queue": "\(queue.location.url)", "count": "\(rest.count)"]
        )
    }

    /// Extends what is in hand when half its time is over, until the task is cancelled.
    private func keepUnseen(_ held: Held, _ visibility: Duration) async {
        var pause = visibility / 2
        while (try? await time.sleep(until: time.now() + pause)) != nil {
            let messages = held.all
            guard !messages.isEmpty else { return }
            do {
                let failed = try await queue.extend(messages, by: visibility)
                state.withLock { $0.extended += messages.count - failed.count }
                pause = visibility / 2
            } catch {
                // Half the time is gone, and the next attempts have to fit into the rest.
                pause = visibility / 8
                guard !Task.isCancelled else { return }
                logger.warning(
                    "Messages could not be kept unseen; if it goes on they are told again.",
                    metadata: ["queue": "\(queue.location.url)", "reason": "\(error)"]
                )
            }
        }
    }
}
