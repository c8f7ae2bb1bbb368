package import Events

/// The hashes that lead from a leaf to the root of a tree (RFC 6962, section 2.1.1).
package struct InclusionProof: Sendable, Equatable {
    /// Counted from 0: one less than the event's position.
    package let index: Int
    /// Leaves of the tree.
    package let size: Int
    /// From the leaf's sibling to the root's child.
    package let path: [Digest]

    package init(index: Int, size: Int, path: [Digest]) {
        self.index = index
        self.size = size
        self.path = path
    }

    /// The root that the leaf and the path give (RFC 9162, section 2.1.3.2); nil when the path is not one of this place.
    package func root(of leaf: Digest) -> Digest? {
        guard (0..<size).contains(index) else { return nil }
        var (node, last, hash) = (index, size - 1, leaf)
        for sibling in path {
            guard last > 0 else { return nil }
            if node & 1 == 1 || node == last {
                hash = MerkleTree.parent(sibling, hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleTree.parent(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }

    /// The leaves that each hash of the path covers, in its order.
    static func siblings(index: Int, size: Int) -> [Range<Int>] {
        var (leaves, siblings) = (0..<size, [Range<Int>]())
        while leaves.count > 1 {
            let middle = leaves.lowerBound + MerkleTree.split(leaves.count)
            let (left, right) = (leaves.lowerBound..<middle, middle..<leaves.upperBound)
            leaves = index < middle ? left : right
            siblings.append(index < middle ? right : left)
        }
        return siblings.reversed()
    }
}

extension MerkleTree {
    /// The leaves of the left part of a tree: the largest power of two that is less than `count`, which is 2 or more.
    static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
