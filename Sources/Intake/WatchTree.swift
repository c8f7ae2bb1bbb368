#if canImport(Glibc)
import Glibc
#endif

/// Which watch stands for which directory, and what an event means; a pure state machine.
///
/// Paths are relative to the root, whose own path is empty. One directory has one watch however many links lead to it,
/// so a watch may stand for several paths.
package struct WatchTree {
    /// What the loop has to do about an event, in this order.
    package enum Action: Equatable {
        case hint(Hint)
        /// Watch a directory and everything below it, and tell what is already there.
        case enter([UInt8])
        /// Find out what a name is: a file to tell, or a link to a directory to enter.
        case inspect([UInt8], closed: Bool)
        /// Give watches back to the kernel.
        case unwatch([Int32])
        /// Throw all watches away and begin anew.
        case restart(SweepReason)
    }

    package enum Addition: Equatable {
        case added
        case known
        /// The directory is above itself, by a link.
        case loop
    }

    private let onlyName: [UInt8]?
    private var paths: [Int32: Set<[UInt8]>] = [:]
    private var watches: [[UInt8]: Int32] = [:]

    /// `onlyName` is the one file of interest where the source is a single file.
    package init(onlyName: [UInt8]? = nil) {
        self.onlyName = onlyName
    }

    /// The number of watches the kernel holds for this tree.
    package var watchCount: Int { paths.count }

    /// Notes the watch that the kernel gave for a path.
    package mutating func add(_ path: [UInt8], watch: Int32) -> Addition {
        if watches[path] == watch { return .known }
        if paths[watch, default: []].contains(where: { Self.isAbove($0, path) }) { return .loop }
        watches[path] = watch
        paths[watch, default: []].insert(path)
        return .added
    }

    /// Forgets a directory and all below it; returns the watches that no path needs any more.
    package mutating func remove(_ path: [UInt8]) -> [Int32] {
        var unused: [Int32] = []
        for (below, watch) in watches where below == path || Self.isAbove(path, below) {
            watches[below] = nil
            paths[watch]?.remove(below)
            if paths[watch]?.isEmpty == true {
                paths[watch] = nil
                unused.append(watch)
            }
        }
        return unused.sorted()
    }

    /// Says what is to be done about an event.
    package mutating func interpret(_ event: InotifyEvent) -> [Action] {
        if event.has(IN_Q_OVERFLOW) {
            // New directories may be among the lost events: only a new walk finds and watches them.
            return [.restart(.queueOverflow)]
        }
        guard let directories = paths[event.watch]?.sorted(by: { $0.lexicographicallyPrecedes($1) }) else {
            return []
        }
        if event.has(IN_IGNORED) {
            return forget(event.watch, directories)
        }
        if event.has(IN_DELETE_SELF) || event.has(IN_MOVE_SELF) || event.has(IN_UNMOUNT) {
            if directories.contains([]) { return [.restart(.rootLost)] }
            // A directory with a watched one above it is told there. Reached by a link, it is told nowhere else.
            return event.has(IN_DELETE_SELF) ? [] : leave(directories)
        }
        return directories.flatMap { interpret(event, in: $0) }
    }

    private mutating func interpret(_ event: InotifyEvent, in directory: [UInt8]) -> [Action] {
        let name = event.name
        if let onlyName {
            guard name == onlyName, !event.has(IN_ISDIR) else { return [] }
        } else if name.isEmpty || NameRules.isHidden(name) {
            return []
        }
        let path = directory.isEmpty ? name : directory + [UInt8(ascii: "/")] + name
        if event.has(IN_ISDIR) {
            if event.has(IN_CREATE) || event.has(IN_MOVED_TO) { return [.enter(path)] }
            // The files of a deleted directory were deleted before it, each with its event.
            return event.has(IN_MOVED_FROM) ? leave([path]) : []
        }
        if watches[path] != nil {
            // The name was a link to a directory, and is gone or has been replaced.
            let actions = leave([path])
            let isGone = event.has(IN_DELETE) || event.has(IN_MOVED_FROM)
            return isGone ? actions : actions + [.inspect(path, closed: false)]
        }
        if onlyName == nil, NameRules.isPartial(name) { return [] }
        let key = FileKey.encode(path).key
        if event.has(IN_CLOSE_WRITE) { return [.hint(.changed(key))] }
        if event.has(IN_DELETE) || event.has(IN_MOVED_FROM) { return [.hint(.removed(key))] }
        return [.inspect(path, closed: event.has(IN_MOVED_TO))]
    }

    private mutating func leave(_ directories: [[UInt8]]) -> [Action] {
        [.unwatch(directories.flatMap { remove($0) }), .hint(.sweepNeeded(.directoryMoved))]
    }

    /// The kernel has dropped the watch by itself, because its directory is gone.
    private mutating func forget(_ watch: Int32, _ directories: [[UInt8]]) -> [Action] {
        paths[watch] = nil
        for path in directories where watches[path] == watch {
            watches[path] = nil
        }
        return directories.contains([]) ? [.restart(.rootLost)] : []
    }

    private static func isAbove(_ path: [UInt8], _ other: [UInt8]) -> Bool {
        if path.isEmpty { return !other.isEmpty }
        return other.count > path.count && other.starts(with: path) && other[path.count] == UInt8(ascii: "/")
    }
}
