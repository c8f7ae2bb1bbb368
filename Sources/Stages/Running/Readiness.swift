package import Events

/// Whether the agent makes progress, and what is in the way.
package struct Readiness: Sendable, Equatable {
    /// One thing that stands still.
    package struct Reason: Sendable, Equatable {
        /// Reason code, kebab-case.
        package let code: String
        /// The stage, view or disk that it is about.
        package let subject: String
        /// What is wrong, and what to do.
        package let message: String

        package init(_ code: String, _ subject: String, _ message: String) {
            self.code = code
            self.subject = subject
            self.message = message
        }

        package var json: CanonicalJSON {
            CanonicalJSON {
                $0.set("code", code)
                $0.set("subject", subject)
                $0.set("message", message)
            }
        }
    }

    /// Why it is not ready; nothing where it is.
    package var reasons: [Reason]
    /// What is amiss beside, and keeps the agent from nothing else: a source or an endpoint that is left alone.
    package var warnings: [Reason]

    package init(reasons: [Reason] = [], warnings: [Reason] = []) {
        self.reasons = reasons
        self.warnings = warnings
    }

    package var isReady: Bool { reasons.isEmpty }

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("status", isReady ? "ready" : "not-ready")
            $0.set("reasons", reasons.map(\.json))
            $0.set("warnings", warnings.map(\.json))
        }
    }
}
