import Events
import Files
import Foundation
import Projections
import Stages
import Yams

/// Reads the endpoints of notifications: a YAML list of mappings.
///
///     - name: training                     # that the log knows it by
///       url: https://example.org/hook      # or exec: [/usr/bin/program, ARGUMENT], or file: /var/log/told.jsonl
///       types: [swathlog.dataset.committed]   # default: all
///       partitions: [north, "site-*"]         # default: all
///       secrets: [{file: /run/secrets/new}, {variable: OLD_SECRET}, whsec_…]
///       headers: {x-team: field}
///       timeout: 15                        # seconds, for one attempt
///       retry: [5, 300, 1800]              # seconds; one attempt, and one more after each
///       mode: structured                   # or binary
struct EndpointSettings {
    private static let keys: Set<String> = [
        "name", "url", "exec", "file", "types", "partitions", "secrets", "headers", "timeout", "retry", "mode",
    ]

    /// Where the text came from, for messages.
    let origin: String
    let variables: [String: String]

    /// - Parameter text: the list as YAML, of which JSON is a part.
    func read(_ text: String) throws -> [Endpoint] {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw bad("can't be read as YAML: \(error)")
        }
        guard let node else { return [] }
        guard let list = node.sequence else { throw bad("is a list of endpoints, each with a name and a url") }
        let endpoints = try list.map(endpoint)
        let names = endpoints.map(\.name)
        if let double = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw bad("has two endpoints of the name '\(double)'")
        }
        return endpoints
    }

    private func endpoint(_ node: Node) throws -> Endpoint {
        guard let mapping = node.mapping else { throw bad("has an entry that is no mapping with a name and a url") }
        for (key, _) in mapping where !Self.keys.contains(key.string ?? "") {
            throw bad(
                "'\(key.string ?? "?")' is nothing that an endpoint has: \(Self.keys.sorted().joined(separator: ", "))"
            )
        }
        guard let name = mapping["name"]?.string,
            name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/) != nil
        else { throw bad("an endpoint's name is 1 to 64 letters, digits, dots, dashes and underscores") }
        var endpoint = Endpoint(name: name, target: try target(mapping, of: name))
        endpoint.filter = EndpointFilter(
            kinds: try texts(mapping["types"], "types", of: name),
            partitions: try texts(mapping["partitions"], "partitions", of: name)
        )
        for kind in endpoint.filter.kinds where NotificationKind(rawValue: kind) == nil {
            let known = NotificationKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw bad("the endpoint '\(name)' wants '\(kind)', and the types are \(known)")
        }
        if let secrets = mapping["secrets"] {
            let nodes = secrets.sequence.map(Array.init) ?? [secrets]
            endpoint.secrets = try nodes.map { try secret($0, of: name) }
        }
        if let headers = mapping["headers"] { endpoint.headers = try self.headers(headers, of: name) }
        if let timeout = mapping["timeout"] {
            endpoint.timeout = .seconds(try number(timeout, 1...600, "timeout", of: name))
        }
        if let retry = mapping["retry"] {
            guard let list = retry.sequence, !list.isEmpty, list.count <= 100 else {
                throw bad("the retry of '\(name)' is a list of 1 to 100 numbers of seconds")
            }
            let times = try list.map { Duration.seconds(try number($0, 1...604_800, "retry", of: name)) }
            endpoint.retry = RetryPolicy(schedule: times, least: .seconds(1))
        }
        if let mode = mapping["mode"] {
            guard let known = mode.string.flatMap(Endpoint.Mode.init) else {
                throw bad("the mode of '\(name)' is structured or binary")
            }
            endpoint.mode = known
        }
        return endpoint
    }

    private func target(_ mapping: Node.Mapping, of name: String) throws -> Endpoint.Target {
        let given = ["url", "exec", "file"].filter { mapping[Node($0)] != nil }
        guard given.count == 1 else { throw bad("the endpoint '\(name)' has a url, an exec or a file, one of them") }
        switch given[0] {
        case "url":
            guard let url = mapping["url"]?.string else { throw bad("the url of '\(name)' is a text") }
            return .webhook(try Self.checked(url, "the endpoint '\(name)'", bad))
        case "exec":
            let command = try texts(mapping["exec"], "words of the program", of: name)
            guard command[0].hasPrefix("/"), try fileInfo(command[0]) != nil else {
                throw bad("the program of '\(name)' is an absolute path, and '\(command[0])' is none or not there")
            }
            return .exec(command)
        default:
            guard let path = mapping["file"]?.string, path.hasPrefix("/") else {
                throw bad("the file of '\(name)' is an absolute path")
            }
            return .file(path)
        }
    }

    static func checked(_ url: String, _ what: String, _ bad: (String) -> SettingsError) throws -> String {
        guard let parts = URLComponents(string: url), ["https", "http"].contains(parts.scheme),
            parts.host?.isEmpty == false
        else { throw bad("\(what): '\(url)' is no http or https address") }
        return url
    }

    private func secret(_ node: Node, of name: String) throws -> WebhookSecret {
        let text: String
        if let plain = node.string {
            text = plain
        } else if let path = node.mapping?["file"]?.string {
            do {
                text = String(decoding: try readFile(path), as: UTF8.self).trimmingCharacters(
                    in: .whitespacesAndNewlines
                )
            } catch {
                throw bad("the secret of '\(name)' can't be read: \(error.message)")
            }
        } else if let variable = node.mapping?["variable"]?.string {
            guard let value = variables[variable] else {
                throw bad("the secret of '\(name)' is the variable \(variable), which is not set")
            }
            text = value
        } else {
            throw bad("a secret of '\(name)' is a text, {file: PATH} or {variable: NAME}")
        }
        guard let secret = WebhookSecret(text) else {
            throw bad("a secret of '\(name)' is empty, not base64 after whsec_, or no Ed25519 key after whsk_")
        }
        return secret
    }

    private func headers(_ node: Node, of name: String) throws -> [(String, String)] {
        guard let mapping = node.mapping else { throw bad("the headers of '\(name)' are a mapping") }
        return try mapping.map { key, value in
            let header = key.string ?? ""
            let isFree =
                !header.lowercased().hasPrefix("webhook-") && !header.lowercased().hasPrefix("ce-")
                && !["content-type", "content-length", "host", "transfer-encoding"].contains(header.lowercased())
            guard header.wholeMatch(of: /[A-Za-z0-9-]+/) != nil, isFree, let text = value.string,
                !text.utf8.contains(where: { $0 < 0x20 })
            else { throw bad("'\(header)' can't be a header of '\(name)'") }
            return (header, text)
        }
    }

    private func texts(_ node: Node?, _ key: String, of name: String) throws -> [String] {
        guard let node else { return [] }
        let found = node.string.map { [$0] } ?? node.sequence?.compactMap(\.string) ?? []
        guard !found.isEmpty, found.count == (node.sequence?.count ?? 1), !found.contains(where: { $0.contains("\n") })
        else { throw bad("the \(key) of '\(name)' are a list of texts") }
        return found
    }

    private func number(_ node: Node, _ range: ClosedRange<Int>, _ key: String, of name: String) throws -> Int {
        guard let number = node.int, range.contains(number) else {
            throw bad("the \(key) of '\(name)' is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func bad(_ why: String) -> SettingsError {
        SettingsError(.badValue, "\(origin): endpoints: \(why)")
    }
}
