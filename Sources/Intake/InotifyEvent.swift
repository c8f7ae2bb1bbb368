#if canImport(Glibc)
import Glibc
#endif

/// One event of inotify(7).
package struct InotifyEvent: Equatable {
    package let watch: Int32
    package let mask: UInt32
    /// The name inside the watched directory, empty where the event is about the directory itself.
    package let name: [UInt8]

    package init(watch: Int32, mask: UInt32, name: [UInt8] = []) {
        self.watch = watch
        self.mask = mask
        self.name = name
    }

    /// What the watcher asks for.
    ///
    /// `IN_MODIFY` is not in it: a file is of interest when it is closed, and until then it is looked at by the clock.
    static let wanted =
        UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_CREATE)
        | UInt32(IN_DELETE) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
        | UInt32(IN_EXCL_UNLINK)

    func has(_ flag: some BinaryInteger) -> Bool {
        mask & UInt32(flag) != 0
    }

    /// Splits what one read of the inotify descriptor returned: four 32-bit numbers, then a NUL-padded name.
    package static func parse(_ buffer: ArraySlice<UInt8>) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var rest = buffer
        while rest.count >= 16 {
            func word(_ index: Int) -> UInt32 {
                let start = rest.startIndex + 4 * index
                let bytes = rest[start..<(start + 4)].reversed()
                let little = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                return UInt32(littleEndian: little)
            }
            let length = Int(word(3))
            guard rest.count >= 16 + length else { break }
            let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
            events.append(InotifyEvent(watch: Int32(bitPattern: word(0)), mask: word(1), name: Array(name)))
            rest = rest.dropFirst(16 + length)
        }
        return events
    }
}
