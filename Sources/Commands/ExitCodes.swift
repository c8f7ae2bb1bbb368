import ArgumentParser
import DVC
import EventLog
import Events
import Files
import Lineage
import ObjectStores
import Projections
import Stages

/// The exit codes, from sysexits.h where it has one.
package enum Exit {
    /// What was checked does not hold, or what was asked for is not there.
    static let negative = ExitCode(1)
    /// Done, but objects were quarantined.
    static let quarantined = ExitCode(3)
    /// An internal or outside failure.
    static let failure = ExitCode(70)
    /// Another process writes the store.
    static let locked = ExitCode(75)
    /// A setting is wrong.
    static let settings = ExitCode(78)
    /// Asked to stop; the next run goes on.
    static let interrupted = ExitCode(130)

    /// What an error means to the caller.
    static func code(for error: any Error) -> ExitCode {
        switch error {
        case let code as ExitCode: code
        case is SettingsError: settings
        case let error as EventLogError where error.code == .locked: locked
        case let error as EventLogError where [.notFound, .badProof, .badNote, .noCheckpoint].contains(error.code):
            negative
        case let error as EventLogError where error.code == .badKey: settings
        case is LineageError: negative
        case let error as ReprocessError: error.code == .notFound ? negative : settings
        case is NotFound: negative
        default: failure
        }
    }

    /// The reason code and the text of an error.
    static func words(for error: any Error) -> (code: String, message: String) {
        switch error {
        case let error as SettingsError: (error.code.rawValue, error.message)
        case let error as EventLogError: (error.code.rawValue, error.message)
        case let error as ProjectionsError: (error.code.rawValue, error.message)
        case let error as LineageError: (error.code.rawValue, error.message)
        case let error as DVCError: (error.code.rawValue, error.message)
        case let error as S3Error: (error.code.rawValue, error.message)
        case let error as StageFailure: (error.reason, error.message)
        case let error as ReprocessError: (error.code.rawValue, error.message)
        case let error as NotFound: ("id-not-found", error.description)
        case let error as FileError: (error.code.rawValue, error.message)
        default: ("failure", "\(error)")
        }
    }
}

/// A command that reports its errors in the form that was asked for.
protocol StoreCommand: AsyncParsableCommand {
    var options: StoreOptions { get }
    func execute() async throws
    /// The exit code for an error that `execute` ended with.
    func code(for error: any Error) -> ExitCode
}

extension StoreCommand {
    func code(for error: any Error) -> ExitCode { Exit.code(for: error) }

    func run() async throws {
        do {
            try await execute()
        } catch let code as ExitCode {
            throw code
        } catch {
            let words = Exit.words(for: error)
            if options.json {
                let json = CanonicalJSON {
                    $0.set("error", words.code)
                    $0.set("message", words.message)
                }
                Terminal.print(json.text)
            } else {
                Terminal.complain("swathlog: \(words.message.visibleLines)")
            }
            throw code(for: error)
        }
    }
}
