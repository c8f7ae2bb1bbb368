import EventLog
import Events

/// Checks signed heads of the log: those that the log keeps, and those in the trailers of the dataset's commits.
struct CheckpointAudit {
    /// The public keys that may have signed.
    let keys: [VerifierKey]
    let verification: LogVerification

    /// Checks the checkpoints that the log keeps, as their texts by size.
    ///
    /// - Parameters:
    ///   - start: smaller ones are not compared with the events.
    ///   - isKeyNeeded: whether it is damage that there is no key.
    func check(
        _ kept: [(size: Int, text: String)],
        after start: Int,
        isKeyNeeded: Bool,
        into report: inout AuditReport
    ) {
        if keys.isEmpty, isKeyNeeded, !kept.isEmpty {
            report.add(
                "checkpoint",
                "log.pub",
                "the dataset's last commit has no public key of the log: give one with --key"
            )
        }
        for (size, text) in kept {
            report.checkpoints += 1
            if let fault = fault(size, text, after: start) {
                report.add("checkpoint", "checkpoint of \(size) events", fault)
            } else {
                report.signedThrough = max(report.signedThrough, size)
            }
        }
    }

    private func fault(_ size: Int, _ text: String, after start: Int) -> String? {
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint(parsing: text) } catch { return error.message }
        guard checkpoint.head.size == size else { return "it says that it is one of \(checkpoint.head.size) events" }
        if !keys.isEmpty, !checkpoint.isSigned(by: keys) { return "its signature is not one of the log's key" }
        if size > verification.head.size {
            // What can't be read is told already, and may be there all the same.
            guard verification.unreadableFrom == nil else { return nil }
            return "the log has \(verification.head.size) events: its end is missing"
        }
        guard size >= start else { return nil }
        return verification.roots[size] == checkpoint.head.root
            ? nil : "the first \(size) events are not those that it covers"
    }

    /// Checks the signatures in the dataset's history; once one commit was signed, those after it are.
    func check(_ versions: [GitVersion], into report: inout AuditReport) {
        var wasSigned = false
        for version in versions where version.head != nil {
            let place = "git commit \(version.commit)"
            if let checkpoint = version.checkpoint {
                wasSigned = true
                if !keys.isEmpty, !checkpoint.isSigned(by: keys) {
                    report.add("anchor", place, "the signature of its log head is not one of the log's key")
                }
            } else if version.hasSignature {
                report.add("anchor", place, "the signature of its log head can't be read")
            } else if wasSigned {
                report.add("anchor", place, "its log head is not signed, though that of an earlier commit is")
            }
        }
    }
}
