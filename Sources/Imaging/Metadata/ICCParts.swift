/// The parts of a colour profile, as they come: a JPEG segment holds no more than 65,519 bytes of it.
struct ICCParts {
    var doubts: [String] = []
    private var parts: [Int: ArraySlice<UInt8>] = [:]
    private var total: Int?

    /// Takes one part, counted from 1, in any order.
    mutating func add(_ bytes: ArraySlice<UInt8>, number: Int, of total: Int) {
        guard (1...max(1, total)).contains(number), total == self.total ?? total, parts[number] == nil else {
            doubts.append("icc: the parts are double or contradict each other, the profile was not used")
            return
        }
        self.total = total
        parts[number] = bytes
    }

    /// The whole profile; nil when there is none, and with a doubt when it is not whole.
    mutating func joined() -> [UInt8]? {
        guard doubts.isEmpty, let total else { return nil }
        guard parts.count == total else {
            doubts.append("icc: \(parts.count) of \(total) parts are there, the profile was not used")
            return nil
        }
        let size = parts.values.reduce(0) { $0 + $1.count }
        guard size <= MetadataBlocks.maxBytes else {
            doubts.append("icc: the profile is larger than 4 MiB, not used")
            return nil
        }
        return (1...total).reduce(into: []) { $0 += parts[$1] ?? [] }
    }
}
