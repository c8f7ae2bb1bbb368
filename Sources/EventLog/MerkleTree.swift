package import Events

/// The Merkle tree over the log's leaves (RFC 6962, section 2.1), kept as the roots of its perfect subtrees.
///
/// State is one hash for each bit that is set in `size`; an append costs one hash on average.
package struct MerkleTree: Sendable, Equatable {
    /// A perfect subtree: it covers the leaves from `number << level` up to the next one's.
    package struct Node: Sendable, Equatable {
        package let level: Int
        package let number: Int
        package let hash: Digest
    }

    /// The number of leaves.
    package private(set) var size = 0
    private var peaks: [Node] = []

    /// The empty tree.
    package init() {}

    /// A tree of `size` leaves from the roots of its perfect subtrees, largest first.
    package init(size: Int, peaks: [Node]) {
        self.size = size
        self.peaks = peaks
    }

    /// Appends a leaf hash; returns the subtrees of 256, 65536, … leaves that it completes.
    @discardableResult
    package mutating func append(_ leaf: Digest) -> [Node] {
        var node = Node(level: 0, number: size, hash: leaf)
        var stored: [Node] = []
        size += 1
        while let left = peaks.last, left.level == node.level {
            peaks.removeLast()
            node = Node(
                level: node.level + 1,
                number: node.number >> 1,
                hash: Self.parent(left.hash, node.hash)
            )
            if node.level % 8 == 0 { stored.append(node) }
        }
        peaks.append(node)
        return stored
    }

    /// The root: the head of the log.
    ///
    /// That of no leaves is the hash of nothing.
    package var root: Digest {
        guard var hash = peaks.last?.hash else { return Digest(of: []) }
        for node in peaks.dropLast().reversed() { hash = Self.parent(node.hash, hash) }
        return hash
    }

    /// The hash of an inner node: SHA-256 of 0x01, left, right.
    package static func parent(_ left: Digest, _ right: Digest) -> Digest {
        unsafe withUnsafeTemporaryAllocation(byteCount: 65, alignment: 1) { data in
            unsafe data.storeBytes(of: 1, as: UInt8.self)
            unsafe data.storeBytes(of: left, toByteOffset: 1, as: Digest.self)
            unsafe data.storeBytes(of: right, toByteOffset: 33, as: Digest.self)
            return unsafe Digest(of: UnsafeRawBufferPointer(data).bytes)
        }
    }

    /// The positions of the perfect subtrees of a tree of `size` leaves, largest first.
    package static func peakPlaces(size: Int) -> [(level: Int, number: Int)] {
        var places: [(level: Int, number: Int)] = []
        var covered = 0
        for level in stride(from: Int.bitWidth - 2, through: 0, by: -1) where size & (1 << level) != 0 {
            places.append((level, covered >> level))
            covered += 1 << level
        }
        return places
    }
}
