import Logging
import Stages
import Synchronization

/// Where messages go and how they look: text for people, a JSON object a line for machines; on standard error.
final class LogOutput: Sendable {
    enum Format: String, Sendable, CaseIterable {
        /// Text on a terminal, else JSON.
        case auto, text, json
    }

    let mask = SecretMask()
    private let isJSON: Bool
    private let threshold: Mutex<Logger.Level>

    init(_ settings: Settings) {
        isJSON = settings.logFormat == .json || settings.logFormat == .auto && !Terminal.errorIsTerminal
        threshold = Mutex(settings.logLevel)
        mask.take(settings)
    }

    /// The least severity that is told; what changes it changes it for all.
    var level: Logger.Level {
        get { threshold.withLock { $0 } }
        set { threshold.withLock { $0 = newValue } }
    }

    var logger: Logger {
        Logger(label: "swathlog") { label -> any LogHandler in
            guard isJSON else { return VisibleLogHandler(StreamLogHandler.standardError(label: label), self) }
            return JSONLogHandler(label, self)
        }
    }
}

/// The secrets that the settings hold: they stand in no message, whoever wrote it.
final class SecretMask: Sendable {
    /// Longest first: one may be a part of another.
    private let secrets = Mutex<[String]>([])

    /// Hides the secrets of these settings as well; those of before may still be on their way.
    func take(_ settings: Settings) {
        let found = settings.secrets.filter { $0.count >= 4 }
        secrets.withLock { $0 = Set($0 + found).sorted { ($1.count, $1) < ($0.count, $0) } }
    }

    func masked(_ text: String) -> String {
        secrets.withLock { $0 }.reduce(text) { text, secret in
            text.contains(secret) ? text.replacing(secret, with: "<redacted>") : text
        }
    }
}

extension Settings {
    /// What nobody may read who reads messages.
    var secrets: [String] {
        [sources.httpToken, sources.httpReadToken, sources.httpOperateToken].compactMap(\.self)
            + endpoints.flatMap(\.secretTexts)
            + ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].compactMap { environment()[$0] }
    }
}
