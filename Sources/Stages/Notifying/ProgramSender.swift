import Foundation
import Projections
import Subprocess
import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// Runs a program for each notification, with the event on its standard input.
///
/// No shell is in between. It has taken the event when it ends with 0; `SWATHLOG_NOTIFICATION_ID` and
/// `SWATHLOG_NOTIFICATION_TYPE` are in its environment beside the agent's own variables, without those of the agent's
/// settings.
struct ProgramSender: Sendable {
    func send(
        _ notification: CatalogNotification,
        to command: [String],
        timeout: Duration
    ) async throws -> SendOutcome {
        let start = ContinuousClock.now
        var outcome: SendOutcome
        do {
            outcome = try await withThrowingTaskGroup { group in
                group.addTask { try await run(notification, command) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return SendOutcome(error: "the program did not end within \(timeout)")
                }
                // Who is cancelled is ended: the program gets SIGTERM, then SIGKILL.
                defer { group.cancelAll() }
                return try await group.next() ?? SendOutcome(error: "the program did not start")
            }
        } catch let error as SubprocessError {
            outcome = SendOutcome(error: "the program can't be run: \(error)")
        } catch let error as Errno {
            outcome = SendOutcome(error: "the event can't be handed to the program: \(error)")
        }
        outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
        return outcome
    }

    private func run(_ notification: CatalogNotification, _ command: [String]) async throws -> SendOutcome {
        var variables: [Environment.Key: String] = [
            "SWATHLOG_NOTIFICATION_ID": notification.id, "SWATHLOG_NOTIFICATION_TYPE": notification.kind,
        ]
        for (name, value) in ProcessInfo.processInfo.environment where !name.hasPrefix("SWATHLOG_") {
            variables[Environment.Key(stringLiteral: name)] = value
        }
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let ended = try await Subprocess.run(
            .path(FilePath(command.first ?? "")),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(variables),
            platformOptions: options,
            input: .fileDescriptor(try Self.file(notification.body + "\n"), closeAfterSpawningProcess: true),
            output: .discarded,
            error: .bytes(limit: 16 << 20)
        )
        let said = AnswerExcerpt.text(of: Array(ended.standardError.prefix(4_096)), isCut: false, hiding: [])
        guard ended.terminationStatus.isSuccess else {
            return SendOutcome(error: "the program ended with \(ended.terminationStatus)", answer: said)
        }
        return SendOutcome(isSuccess: true, answer: said)
    }

    /// A text as a file without a name, at its beginning.
    ///
    /// A program need not read what it is told, and a pipe that nobody reads would end the agent (SIGPIPE).
    private static func file(_ text: String) throws -> FileDescriptor {
        var name = Array("\(FileManager.default.temporaryDirectory.path)/swathlog-XXXXXX".utf8CString)
        let number = mkstemp(&name)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        unlink(name)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        let file = FileDescriptor(rawValue: number)
        do {
            try file.writeAll(text.utf8)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            throw error
        }
    }
}
