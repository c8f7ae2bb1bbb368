package import Projections

/// How two versions of a partition differ, in files.
package struct DatasetDiff: Sendable, Equatable {
    package private(set) var added = 0
    package private(set) var changed = 0
    package private(set) var removed = 0

    /// Compares two lists that are sorted by the UTF-8 bytes of their paths.
    package init(from old: [DatasetFile], to new: [DatasetFile]) {
        var left = old.makeIterator()
        var right = new.makeIterator()
        var before = left.next()
        var after = right.next()
        while before != nil || after != nil {
            switch (before, after) {
            case (let before?, let after?) where before.path.utf8.elementsEqual(after.path.utf8):
                if before.md5 != after.md5 { changed += 1 }
            case (let before?, let after?) where before.path.utf8.lexicographicallyPrecedes(after.path.utf8):
                removed += 1
            case (_?, nil):
                removed += 1
            default:
                added += 1
            }
            let step = Self.step(before, after)
            if step.old { before = left.next() }
            if step.new { after = right.next() }
        }
    }

    private static func step(_ before: DatasetFile?, _ after: DatasetFile?) -> (old: Bool, new: Bool) {
        guard let before else { return (false, true) }
        guard let after else { return (true, false) }
        if before.path.utf8.elementsEqual(after.path.utf8) { return (true, true) }
        let isOlder = before.path.utf8.lexicographicallyPrecedes(after.path.utf8)
        return (isOlder, !isOlder)
    }
}
