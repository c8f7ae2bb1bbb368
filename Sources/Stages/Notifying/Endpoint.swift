package import Events
import Foundation
package import Projections

/// One receiver of notifications, as the settings say it.
package struct Endpoint: Sendable, Equatable {
    /// How the event is put into a request (CloudEvents 1.0.2, HTTP protocol binding).
    package enum Mode: String, Sendable, CaseIterable {
        /// The whole event is the body.
        case structured
        /// The event's data is the body, its attributes are headers.
        case binary
    }

    /// Where notifications are put.
    package enum Target: Sendable, Equatable {
        /// POST to a URL.
        case webhook(String)
        /// A program and its arguments, which gets the event on its standard input.
        case exec([String])
        /// A file of JSON Lines, by its absolute path.
        case file(String)
    }

    /// The name that the log knows it by.
    package let name: String
    package let target: Target
    package var filter: EndpointFilter
    /// Each signs every message; several while a secret rotates.
    package var secrets: [WebhookSecret]
    /// Sent beside the scheme's own.
    package var headers: [(String, String)]
    /// For one attempt, connecting included.
    package var timeout: Duration
    package var retry: RetryPolicy
    package var mode: Mode

    /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: the example schedule of Standard Webhooks 1.0.0, three days.
    package static let schedule = RetryPolicy(
        schedule: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) },
        least: .seconds(1)
    )

    package init(
        name: String,
        target: Target,
        filter: EndpointFilter = EndpointFilter(),
        secrets: [WebhookSecret] = [],
        headers: [(String, String)] = [],
        timeout: Duration = .seconds(15),
        retry: RetryPolicy = Endpoint.schedule,
        mode: Mode = .structured
    ) {
        self.name = name
        self.target = target
        self.filter = filter
        self.secrets = secrets
        self.headers = headers
        self.timeout = timeout
        self.retry = retry
        self.mode = mode
    }

    package init(
        name: String,
        url: String,
        filter: EndpointFilter = EndpointFilter(),
        secrets: [WebhookSecret] = [],
        mode: Mode = .structured
    ) {
        self.init(name: name, target: .webhook(url), filter: filter, secrets: secrets, mode: mode)
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.target == right.target && left.filter == right.filter
            && left.secrets == right.secrets && left.headers.elementsEqual(right.headers, by: ==)
            && left.timeout == right.timeout && left.retry == right.retry && left.mode == right.mode
    }

    /// What the log says of it: the URL without user, query and fragment, where people put tokens; of a program no
    /// arguments.
    package var adopted: EndpointAdopted {
        EndpointAdopted(
            name: name,
            place: place,
            kinds: filter.kinds,
            partitions: filter.partitions
        )
    }

    /// What nobody may read who reads messages: secrets, headers, and what people put into a URL beside the place.
    package var secretTexts: [String] {
        var texts = secrets.map(\.text) + headers.map(\.1)
        if case .webhook(let url) = target, let parts = URLComponents(string: url) {
            texts += [parts.user, parts.password, parts.query, parts.fragment].compactMap(\.self)
        }
        return texts + texts.flatMap { text in text.split(separator: "_", maxSplits: 1).dropFirst().map(String.init) }
    }

    private var place: String {
        switch target {
        case .webhook(let url): Self.place(of: url)
        case .exec(let command): "exec:\(command.first ?? "")"
        case .file(let path): "file:\(path)"
        }
    }

    private static func place(of url: String) -> String {
        let bare = url.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = bare.range(of: "://"), let at = bare[scheme.upperBound...].firstIndex(of: "@") else {
            return String(bare)
        }
        return String(bare[..<scheme.upperBound] + bare[bare.index(after: at)...])
    }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible {
    /// Its name: URLs and headers may hold tokens.
    package var description: String { "Endpoint(\(name))" }
    package var debugDescription: String { description }
}
