import Files

#if canImport(Glibc)
import Glibc
#endif

/// What runs on the watcher's thread: the watches, the tree of directories, and the wait between events.
struct WatchLoop: ~Copyable {
    private let root: String
    private let maximumWatches: Int
    private let stop: StopSignal
    private let outlet: HintOutlet
    private let coverage: Coverage
    private var inotify: Inotify
    private var tree = WatchTree()
    private var folder: [UInt8] = []
    private var onlyName: [UInt8]?
    private var rootIsLost = false
    /// Whether the kernel sees what changes on a device.
    private var changesUnseen: [UInt64: Bool] = [:]
    private var restarts = 0

    init(
        root: String,
        maximumWatches: Int,
        inotify: consuming Inotify,
        stop: StopSignal,
        outlet: HintOutlet,
        coverage: Coverage
    ) {
        self.root = root
        self.maximumWatches = maximumWatches
        self.inotify = inotify
        self.stop = stop
        self.outlet = outlet
        self.coverage = coverage
    }

    /// Watches until the stop signal.
    mutating func run() {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        begin()
        while true {
            let (stopped, readable) = wait()
            if stopped { break }
            outlet.settleDebt()
            if rootIsLost {
                restart()
            }
            guard readable else { continue }
            let events = inotify.events(&buffer)
            let instance = restarts
            // After a restart the numbers in the rest of the batch mean other directories.
            for event in events where restarts == instance {
                for action in tree.interpret(event) {
                    perform(action)
                }
            }
        }
        outlet.finish()
    }

    private func wait() -> (stopped: Bool, readable: Bool) {
        var waits = [
            pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inotify.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let timeout: Int32 = outlet.owesSweep ? 100 : rootIsLost ? 1000 : -1
        guard unsafe poll(&waits, nfds_t(waits.count), timeout) > 0 else { return (false, false) }
        return (waits[0].revents != 0, waits[1].revents != 0)
    }

    /// Watches everything from the root down; the events of what changes meanwhile wait in the queue.
    private mutating func begin() {
        do throws(IntakeError) {
            let resolved = try Root(root)
            folder = resolved.folder
            onlyName = resolved.onlyName
            tree = WatchTree(onlyName: onlyName)
            coverage.reset()
            rootIsLost = false
            changesUnseen = [:]
            enter([], telling: false)
            if !rootIsLost {
                outlet.send(.sweepNeeded(.watchingBegan))
            }
        } catch {
            rootIsLost = true
        }
    }

    /// Begins anew with a fresh instance, and so with an empty queue.
    private mutating func restart() {
        do throws(SystemFailure) {
            inotify = try Inotify()
            restarts += 1
            begin()
        } catch {
            // The limit on instances is a passing state; a second later is early enough.
            rootIsLost = true
        }
    }

    private mutating func perform(_ action: WatchTree.Action) {
        switch action {
        case .hint(let hint):
            outlet.send(hint)
        case .enter(let path):
            enter(path, telling: true)
        case .inspect(let path, let closed):
            inspect(path, closed: closed)
        case .unwatch(let watches):
            for watch in watches {
                inotify.unwatch(watch)
            }
        case .restart(let reason):
            outlet.send(.sweepNeeded(reason))
            restart()
        }
    }

    /// Watches a directory first and lists it then, so that nothing falls between the two, and so on below it.
    private mutating func enter(_ start: [UInt8], telling: Bool) {
        var waiting = [start]
        while let path = waiting.popLast() {
            guard watch(path, telling: telling) else { continue }
            guard onlyName == nil else { return }
            guard let directory = open(path) else { continue }
            if isChangedUnseen(directory, path) {
                // A watch on it would promise what it does not keep; what is below it is for the sweeps.
                for unused in tree.remove(path) {
                    inotify.unwatch(unused)
                }
                lose(.changesUnseen)
                continue
            }
            let (names, failure) = directory.names()
            if failure != nil {
                lose(.directoryUnwatchable)
            }
            let prefix = path.isEmpty ? [] : path + [UInt8(ascii: "/")]
            for name in names {
                switch Entry(name, in: directory) {
                case .directory: waiting.append(prefix + name)
                case .file where telling: outlet.send(.appeared(FileKey.encode(prefix + name).key))
                default: break
                }
            }
        }
    }

    private mutating func isChangedUnseen(_ directory: Directory, _ path: [UInt8]) -> Bool {
        let device = directory.identity.device
        if let known = changesUnseen[device] { return known }
        let system = try? FileSystem(of: String(decoding: absolute(path), as: UTF8.self))
        guard let system else { return false }
        changesUnseen[device] = system.changesUnseen
        return system.changesUnseen
    }

    private func open(_ path: [UInt8]) -> Directory? {
        do throws(SystemFailure) {
            return try Directory(absolute(path))
        } catch {
            if error.number != ENOENT, error.number != ENOTDIR {
                lose(.directoryUnwatchable)
            }
            return nil
        }
    }

    /// Watches one directory; false where it is not to be listed.
    ///
    /// One that was watched before is not: it was listed after its watch began, and its events tell the rest.
    private mutating func watch(_ path: [UInt8], telling: Bool) -> Bool {
        do throws(SystemFailure) {
            let number = try inotify.watch(absolute(path))
            switch tree.add(path, watch: number) {
            case .added where tree.watchCount > maximumWatches:
                for unused in tree.remove(path) {
                    inotify.unwatch(unused)
                }
                lose(.watchLimit)
                return telling
            case .added:
                return true
            case .known, .loop:
                return false
            }
        } catch {
            switch error.number {
            case _ where path.isEmpty && error.number != ENOSPC:
                rootIsLost = true
            case ENOENT, ENOTDIR:
                // It is gone again, and its parent's watch has told so or will.
                break
            case ENOSPC:
                lose(.watchLimit)
                return telling
            default:
                lose(.directoryUnwatchable)
            }
            return false
        }
    }

    private mutating func inspect(_ path: [UInt8], closed: Bool) {
        guard let directory = try? Directory(folder) else { return }
        switch Entry(path, in: directory) {
        case .directory:
            enter(path, telling: true)
        case .nothing:
            break
        case .file, .unreadable:
            // What cannot be read is told as well: the look at it finds the reason.
            let key = FileKey.encode(path).key
            outlet.send(closed ? .changed(key) : .appeared(key))
        }
    }

    private func lose(_ reason: SweepReason) {
        if coverage.lose(reason) {
            outlet.send(.sweepNeeded(reason))
        }
    }

    private func absolute(_ path: [UInt8]) -> [UInt8] {
        path.isEmpty ? folder : folder + [UInt8(ascii: "/")] + path
    }
}
