import Events
import Files
import Foundation
import HTTPTransfer
import Intake
import ObjectStores

/// One thing that was tried, and how it went.
struct DoctorFinding: Sendable, Equatable {
    enum Verdict: String, Sendable {
        case well
        case doubtful
        case wrong
    }

    let verdict: Verdict
    /// What was tried: `disk`, `store`, `source`, `clock`, `queue`, `git`, `signing`, `git-remote`, `remote`, `endpoint`.
    let subject: String
    /// What was found, and what to do.
    let message: String

    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("verdict", verdict.rawValue)
            $0.set("subject", subject)
            $0.set("message", message)
        }
    }

    static func well(_ subject: String, _ message: String) -> DoctorFinding {
        DoctorFinding(verdict: .well, subject: subject, message: message)
    }

    static func doubtful(_ subject: String, _ message: String) -> DoctorFinding {
        DoctorFinding(verdict: .doubtful, subject: subject, message: message)
    }

    static func wrong(_ subject: String, _ message: String) -> DoctorFinding {
        DoctorFinding(verdict: .wrong, subject: subject, message: message)
    }
}

/// Tries what an agent with these settings would need.
struct Examination {
    let settings: Settings

    /// S3 refuses requests whose time is off by more than 15 minutes; half of it is worth a word.
    private static let doubtfulSkew = Duration.seconds(450)

    func run() async throws -> [DoctorFinding] {
        var findings = [disk(), StoreExamination(settings: settings).run()]
        switch settings.source {
        case nil:
            findings.append(
                DoctorFinding(verdict: .doubtful, subject: "source", message: "none is set: name one with --source")
            )
        case .folder(let path): findings.append(folder(path))
        case .bucket(let location):
            do {
                findings += try await examine(location)
            } catch {
                findings.append(.wrong("source", Exit.words(for: error).message))
            }
        }
        return try await findings + DatasetExamination(settings: settings).run()
            + EndpointExamination(settings: settings).run()
    }

    /// The bucket, its server's clock, and the queue that tells of it.
    private func examine(_ location: S3Location) async throws -> [DoctorFinding] {
        let buckets = try Buckets(settings.sources)
        do {
            try buckets.check()
            let server = buckets.client.settings.endpoint ?? "https://s3.amazonaws.com"
            let findings =
                [await bucket(location, buckets), await Self.clock(server, buckets.http)] + (try await queue(buckets))
            await buckets.close()
            return findings
        } catch {
            await buckets.close()
            throw error
        }
    }

    private func disk() -> DoctorFinding {
        // The store may not be there yet; its disk is that of the nearest directory that is.
        var path = settings.store
        while (try? fileInfo(path)) == nil, path != "/" { path = parent(of: path) }
        guard let free = try? freeBytes(at: path) else {
            return DoctorFinding(verdict: .wrong, subject: "disk", message: "\(path) can't be asked for its free space")
        }
        let isEnough = free >= IntakeRoom.leastFree
        return DoctorFinding(
            verdict: isEnough ? .well : .wrong,
            subject: "disk",
            message: "\(free >> 20) MiB are free at \(path)"
                + (isEnough ? "" : "; intake waits below \(IntakeRoom.leastFree >> 20) MiB: make room")
        )
    }

    private func folder(_ path: String) -> DoctorFinding {
        do {
            guard try fileInfo(path) != nil else {
                return DoctorFinding(
                    verdict: .wrong,
                    subject: "source",
                    message: "\(path) does not exist: make or mount it"
                )
            }
            if try fileInfo(path)?.kind == .directory { _ = try listDirectory(path) }
            return DoctorFinding(verdict: .well, subject: "source", message: "\(path) can be read")
        } catch {
            return DoctorFinding(verdict: .wrong, subject: "source", message: "\(path) can't be read: \(error)")
        }
    }

    private func bucket(_ location: S3Location, _ buckets: Buckets) async -> DoctorFinding {
        do {
            let page = try await buckets.client.list(location.bucket, prefix: location.prefix, limit: 1)
            let holds = page.objects.isEmpty ? "holds nothing" : "holds objects"
            return DoctorFinding(
                verdict: .well,
                subject: "source",
                message: "\(location.url) can be listed and \(holds)"
            )
        } catch {
            return DoctorFinding(
                verdict: .wrong,
                subject: "source",
                message: "\(error.code.rawValue): \(error.message)"
            )
        }
    }

    /// Compares this machine's clock with the server's, which every answer tells, also one that refuses.
    static func clock(_ server: String, _ http: HTTPClient) async -> DoctorFinding {
        guard let answer = try? await http.send(HTTPRequest(url: server)),
            let date = answer.header("Date"), let theirs = Timestamp(httpDate: date)
        else {
            return DoctorFinding(verdict: .doubtful, subject: "clock", message: "\(server) did not tell its time")
        }
        let difference = SystemTime().now() - theirs
        let seconds = Int(abs(difference / .seconds(1)))
        let isFar = difference > doubtfulSkew || difference < .zero - doubtfulSkew
        return DoctorFinding(
            verdict: isFar ? .wrong : .well,
            subject: "clock",
            message: "this clock and the server's are \(seconds) s apart"
                + (isFar ? "; beyond 900 s requests are refused: set the clock, by NTP for good" : "")
        )
    }

    private func queue(_ buckets: Buckets) async throws -> [DoctorFinding] {
        guard let queue = try buckets.queue() else { return [] }
        let report = await QueueDoctor(queue: queue).examine()
        guard !report.findings.isEmpty else {
            return [DoctorFinding(verdict: .well, subject: "queue", message: "\(queue.location.url) can be read")]
        }
        return report.findings.map { finding in
            DoctorFinding(
                verdict: finding.severity == .failure ? .wrong : .doubtful,
                subject: "queue",
                message: finding.description
            )
        }
    }
}
