/// A pointer file, `<partition>.dvc`: which manifest a partition's directory stands for, and what made it so.
///
/// The `meta` map is DVC's place for other programs' facts; `dvc add` keeps it. Only what DVC and this program write
/// can be read back: one directory output, and a flat map of plain or quoted scalars.
package struct Pointer: Sendable, Equatable {
    /// The manifest's id, `<md5>.dir`.
    package var manifest: String
    /// The sum of the files' sizes in bytes.
    package var size: Int
    package var count: Int
    /// The directory's name, which is the partition.
    package var path: String
    /// Recipe digest, tile size, log positions: keys `[A-Za-z][A-Za-z0-9._-]*`, values of one line.
    package var meta: [String: String]

    package init(manifest: String, size: Int, count: Int, path: String, meta: [String: String] = [:]) {
        self.manifest = manifest
        self.size = size
        self.count = count
        self.path = path
        self.meta = meta
    }

    package init(_ manifest: Manifest, path: String, meta: [String: String] = [:]) {
        self.init(
            manifest: manifest.id,
            size: manifest.totalSize,
            count: manifest.count,
            path: path,
            meta: meta
        )
    }

    /// Whether this program wrote it: its facts have a prefix of their own, which `dvc add` keeps.
    package var isOurs: Bool { meta.keys.contains { $0.hasPrefix("swathlog-") } }

    /// The file's text, the same for the same values.
    package var text: String {
        var text = """
            outs:
            - md5: \(manifest)
              size: \(size)
              nfiles: \(count)
              hash: md5
              path: \(YAMLScalar.text(path))

            """
        guard !meta.isEmpty else { return text }
        text += "meta:\n"
        for (key, value) in meta.sorted(by: { $0.key.precedesInBytes($1.key) }) {
            text += "  \(key): \(YAMLScalar.text(value))\n"
        }
        return text
    }

    /// Reads a pointer's text.
    package init(parsing text: String) throws(DVCError) {
        var fields: [String: String] = [:]
        var meta: [String: String] = [:]
        var section: Substring = ""
        var outputs = 0
        for line in text.split(separator: "\n") {
            if !line.hasPrefix(" "), !line.hasPrefix("-") {
                section = line
                continue
            }
            var rest = line.drop { $0 == " " }
            let depth = line.count - rest.count
            if section == "outs:", rest.hasPrefix("- ") {
                outputs += 1
                rest = rest.dropFirst(2)
            }
            guard section == "outs:" || (section == "meta:" && depth == 2) else { continue }
            guard let colon = rest.firstIndex(of: ":"),
                let value = YAMLScalar.value(rest[rest.index(after: colon)...])
            else { continue }
            if section == "outs:" {
                fields[String(rest[..<colon])] = value
            } else {
                meta[String(rest[..<colon])] = value
            }
        }
        guard outputs == 1, let manifest = fields["md5"], manifest.hasSuffix(".dir"),
            String(manifest.dropLast(4)).isMD5,
            let path = fields["path"], let size = fields["size"].flatMap({ Int($0) }), size >= 0,
            let count = fields["nfiles"].flatMap({ Int($0) }), count >= 0
        else {
            throw DVCError(
                .badPointer,
                "the pointer names no single directory: restore it with `git checkout`"
            )
        }
        self.init(manifest: manifest, size: size, count: count, path: path, meta: meta)
    }

    /// Why the meta map could not be read back, or nil when it can.
    var metaProblem: String? {
        for (key, value) in meta {
            guard key.isMetaKey else {
                return "the meta key \(key.debugDescription) is not [A-Za-z][A-Za-z0-9._-]*"
            }
            guard !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
                return "the value of the meta key \(key) has control characters"
            }
        }
        return nil
    }
}

extension String {
    fileprivate var isMetaKey: Bool {
        guard let first = utf8.first, (65...90).contains(first) || (97...122).contains(first) else {
            return false
        }
        return utf8.allSatisfy {
            (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == 0x2E
                || $0 == 0x5F
                || $0 == 0x2D
        }
    }
}
