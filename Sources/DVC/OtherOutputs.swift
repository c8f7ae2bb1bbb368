import Files
import Yams

/// What the other pointers of a repository and its stages write.
///
/// DVC refuses to work with a file or directory that two of them write. Looked at are the pointers and `dvc.yaml` of the top
/// directory; a path with a placeholder in it is nobody's.
struct OtherOutputs {
    let repository: String

    /// Throws `conflict` where a partition's directory, or something in it, is written by another than its own pointer.
    func refuse(partition: String) throws {
        for name in try listDirectory(repository).compactMap(\.name).sorted(by: { $0.precedesInBytes($1) })
        where name.hasSuffix(".dvc") && name != "\(partition).dvc" {
            guard let file = try mapping(in: name), outputs(of: file).contains(where: { isIn(partition, $0) }) else {
                continue
            }
            let meta = file["meta"] as? [String: Any] ?? [:]
            let isOurs = meta.keys.contains { $0.hasPrefix("swathlog-") }
            throw refusal(
                of: partition,
                by: name,
                isOurs
                    ? "call it by the partition's name again (`git mv \(name) \(partition).dvc`)"
                    : "give one of the two another name"
            )
        }
        for (name, value) in try mapping(in: "dvc.yaml")?["stages"] as? [String: Any] ?? [:] {
            guard let stage = value as? [String: Any] else { continue }
            let fields = stage["do"] as? [String: Any] ?? stage
            guard outputs(of: fields).contains(where: { isIn(partition, $0) }) else { continue }
            throw refusal(of: partition, by: "the stage \(name) of dvc.yaml", "give one of the two another name")
        }
    }

    private func refusal(of partition: String, by who: String, _ what: String) -> DVCError {
        DVCError(
            .conflict,
            "\(who) in \(repository) writes \(partition) too, which dvc allows to one alone: \(what), then try again"
        )
    }

    private func mapping(in name: String) throws -> [String: Any]? {
        guard let info = try fileInfo("\(repository)/\(name)"), info.kind == .file else { return nil }
        // What can't be read is for DVC to complain of.
        return try? load(yaml: String(decoding: readFile("\(repository)/\(name)"), as: UTF8.self)) as? [String: Any]
    }

    /// The paths below the repository that a pointer or a stage writes.
    private func outputs(of fields: [String: Any]) -> [String] {
        let directory = fields["wdir"] as? String ?? "."
        return ["outs", "metrics", "plots"].flatMap { fields[$0] as? [Any] ?? [] }.compactMap { output in
            // A pointer has `path: …`; a stage a path, or one with what is said of it.
            let fields = output as? [String: Any]
            return (output as? String ?? fields?["path"] as? String ?? fields?.keys.first)
                .map { $0.hasPrefix("/") ? $0 : "\(directory)/\($0)" }
        }
    }

    private func isIn(_ partition: String, _ path: String) -> Bool {
        path.split(separator: "/").first { $0 != "." }.map { $0 == partition } ?? false
    }
}
