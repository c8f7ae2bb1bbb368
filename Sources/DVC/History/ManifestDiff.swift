/// How the files of two manifests differ, by path.
package struct ManifestDiff: Sendable, Equatable {
    package private(set) var added: [String] = []
    package private(set) var changed: [String] = []
    package private(set) var removed: [String] = []

    package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }

    /// Compares the bytes of two manifests; nil stands for a partition that is not there.
    package init(from old: [UInt8]?, to new: [UInt8]?) throws(DVCError) {
        var left = ManifestReader(old ?? Array("[]".utf8))
        var right = ManifestReader(new ?? Array("[]".utf8))
        var before = try left.next()
        var after = try right.next()
        while true {
            switch (before, after) {
            case (nil, nil): return
            case (let gone?, let come?) where gone.relpath.utf8.elementsEqual(come.relpath.utf8):
                if gone.md5 != come.md5 { changed.append(come.relpath) }
                before = try left.next()
                after = try right.next()
            case (let gone?, let come) where come.map({ gone.relpath.precedesInBytes($0.relpath) }) ?? true:
                removed.append(gone.relpath)
                before = try left.next()
            case (_, let come?):
                added.append(come.relpath)
                after = try right.next()
            case (_?, nil): return
            }
        }
    }
}
