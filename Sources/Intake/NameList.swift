#if canImport(Glibc)
import Glibc
#endif

/// The names of one directory in the order of their bytes, in one piece of memory: a directory may hold millions.
struct NameList: Sendable, RandomAccessCollection {
    private static let lengthBits = 16

    private var bytes: [UInt8] = []
    /// Where each name begins, and in the low bits its length.
    private var places: [UInt64] = []

    var startIndex: Int { 0 }
    var endIndex: Int { places.count }

    subscript(index: Int) -> [UInt8] {
        Array(bytes[Self.range(places[index])])
    }

    /// Adds a name; no file system has one of 64 KiB.
    mutating func append(_ name: some Collection<UInt8>) {
        places.append(UInt64(bytes.count) << Self.lengthBits | UInt64(name.count))
        bytes.append(contentsOf: name)
    }

    mutating func sort() {
        var places = places
        unsafe bytes.withUnsafeBytes { bytes in
            places.sort { left, right in
                let (left, right) = (Self.range(left), Self.range(right))
                let order = unsafe memcmp(
                    bytes.baseAddress.unsafelyUnwrapped + left.lowerBound,
                    bytes.baseAddress.unsafelyUnwrapped + right.lowerBound,
                    Swift.min(left.count, right.count)
                )
                return order == 0 ? left.count < right.count : order < 0
            }
        }
        self.places = places
    }

    private static func range(_ place: UInt64) -> Range<Int> {
        let start = Int(place >> lengthBits)
        return start..<(start + Int(place & (1 << lengthBits - 1)))
    }
}
