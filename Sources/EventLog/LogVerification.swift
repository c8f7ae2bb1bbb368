package import Events
import Foundation
import GRDB

/// What a recomputation of the whole tree, from the first event on, has found.
package struct LogVerification: Sendable, Equatable {
    /// Something that does not fit, with the position where it shows.
    package struct Problem: Sendable, Equatable {
        package let position: Int
        package let message: String
    }

    /// The log's head as recomputed from the events alone.
    package let head: TreeHead
    /// The roots at the sizes that were asked for.
    package let roots: [Int: Digest]
    /// The first problems, at most a hundred, in order of position.
    package let problems: [Problem]
    package let problemCount: Int
    /// Where reading had to end, when the file's damage hides what follows; nil when all was read.
    package let unreadableFrom: Int?
}

extension EventLog {
    /// Recomputes every leaf and the tree, and compares them with what is stored.
    ///
    /// - Parameters:
    ///   - sizes: tree sizes whose roots are wanted, to compare with anchors.
    ///   - start: events up to here are taken as they are stored, for one who has proved their root elsewhere.
    ///   - progress: called after each page with the position reached.
    package func verify(
        rootsAt sizes: Set<Int>,
        after start: Int = 0,
        progress: (Int) -> Void = { _ in }
    ) async throws -> LogVerification {
        var verifier = LogVerifier(sizes: sizes, tree: try await storedTree(start))
        var limit = Self.pageSize
        var page = try await verificationRows(after: verifier.lastPosition, limit: limit)
        while true {
            switch page {
            case .success(let rows):
                guard let last = rows.last?.event.position else { return verifier.result }
                // The next page is read while this one is hashed.
                let count = limit
                async let next = verificationRows(after: last, limit: count)
                let leaves = await VerificationRow.leaves(of: rows)
                let nodes = try await storedNodes(verifier.completedNodes(through: rows.count), &verifier)
                verifier.take(rows, leaves: leaves, storedNodes: nodes)
                progress(verifier.lastPosition)
                page = try await next
            case .failure where limit > 1:
                // One by one up to the event that can't be read.
                limit = 1
                page = try await verificationRows(after: verifier.lastPosition, limit: limit)
            case .failure(let error):
                verifier.end(error.message)
                return verifier.result
            }
        }
    }

    private func storedTree(_ size: Int) async throws -> MerkleTree {
        guard size > 0 else { return MerkleTree() }
        return try await LogSchema.translating(path) {
            try await database.read { try LogSchema.tree(size: size, in: $0) }
        }
    }

    /// The next rows, or why the file does not give them.
    private func verificationRows(
        after position: Int,
        limit: Int
    ) async throws -> Result<[VerificationRow], EventLogError> {
        do {
            return .success(
                try await LogSchema.translating(path) {
                    try await database.read { try VerificationRow.read($0, after: position, limit: limit) }
                }
            )
        } catch let error as EventLogError where error.code == .damaged {
            return .failure(error)
        }
    }

    /// The stored nodes at these places; one that can't be read is a problem of its own, and the walk goes on.
    private func storedNodes(
        _ places: [NodePlace],
        _ verifier: inout LogVerifier
    ) async throws -> [(NodePlace, Digest?)] {
        var nodes: [(NodePlace, Digest?)] = []
        for place in places {
            do {
                nodes.append((place, try await database.read { try VerificationRow.node(place, in: $0) }))
            } catch let error as DatabaseError {
                verifier.noteUnreadable(place, "\(error)")
            }
        }
        return nodes
    }
}

/// An event with all that its leaf is made of.
struct VerificationRow: Sendable {
    let event: RecordedEvent
    let salt: [UInt8]
    let leaf: [UInt8]

    static func read(_ database: Database, after position: Int, limit: Int) throws -> [VerificationRow] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(EventRow.columns), salt, leaf FROM events WHERE position > ? ORDER BY position LIMIT ?"
        )
        return try EventRowReader.verificationRows(statement, [position, limit])
    }

    /// The leaf hashes of rows, made on all cores.
    static func leaves(of rows: [VerificationRow]) async -> [Digest] {
        let share = 512
        return await withTaskGroup(of: (Int, [Digest]).self) { group in
            for start in stride(from: 0, to: rows.count, by: share) {
                group.addTask {
                    let part = rows[start..<min(start + share, rows.count)]
                    return (start, part.map { MerkleLeaf.hash(of: $0.event, salt: $0.salt) })
                }
            }
            var parts: [Int: [Digest]] = [:]
            for await (start, leaves) in group { parts[start] = leaves }
            return stride(from: 0, to: rows.count, by: share).flatMap { parts[$0] ?? [] }
        }
    }

    static func node(_ place: NodePlace, in database: Database) throws -> Digest? {
        let statement = try database.cachedStatement(
            sql: "SELECT hash FROM merkle_nodes WHERE level = ? AND number = ?"
        )
        return try Data.fetchOne(statement, arguments: [place.level, place.number]).flatMap { Digest(bytes: Array($0)) }
    }
}

/// A stored subtree.
struct NodePlace: Hashable, Sendable {
    let level: Int
    let number: Int
}

/// Walks the events in order and notes what does not fit.
struct LogVerifier {
    private static let listed = 100

    private let sizes: Set<Int>
    private var tree: MerkleTree
    private var roots: [Int: Digest] = [:]
    private var problems: [LogVerification.Problem] = []
    private var problemCount = 0
    private var unreadableFrom: Int?
    private(set) var lastPosition: Int

    init(sizes: Set<Int>, tree: MerkleTree) {
        self.sizes = sizes
        self.tree = tree
        lastPosition = tree.size
        if sizes.contains(tree.size) { roots[tree.size] = tree.root }
    }

    /// The stored subtrees that the next `count` leaves complete.
    func completedNodes(through count: Int) -> [NodePlace] {
        var places: [NodePlace] = []
        for level in stride(from: 8, to: 56, by: 8) {
            let first = tree.size >> level
            let end = (tree.size + count) >> level
            guard first < end else { break }
            for number in first..<end { places.append(NodePlace(level: level, number: number)) }
        }
        return places
    }

    /// Takes the next rows with the hashes that their leaves should have.
    mutating func take(_ rows: [VerificationRow], leaves: [Digest], storedNodes: [(NodePlace, Digest?)]) {
        let stored = Dictionary(storedNodes) { first, _ in first }
        for (row, leaf) in zip(rows, leaves) {
            let position = row.event.position
            if position != lastPosition + 1 {
                let last = position - 1
                note(
                    lastPosition + 1,
                    "events \(lastPosition + 1) to \(last) are missing: rows were deleted or renumbered"
                )
            }
            lastPosition = position
            if leaf.bytes != row.leaf {
                note(
                    position,
                    "the event (\(row.event.type) on \(row.event.stream)) is not what was appended: its leaf differs"
                )
            }
            for node in tree.append(leaf) {
                let place = NodePlace(level: node.level, number: node.number)
                if let known = stored[place], known != node.hash {
                    let first = node.number << node.level + 1
                    note(position, "the stored tree node over events \(first) to \(position) does not fit them")
                }
            }
            if sizes.contains(tree.size) { roots[tree.size] = tree.root }
        }
    }

    /// Notes that no more can be read.
    mutating func end(_ message: String) {
        let position = lastPosition + 1
        unreadableFrom = position
        note(position, "the event can't be read, nor can what follows it be proved: \(message)")
    }

    mutating func noteUnreadable(_ place: NodePlace, _ message: String) {
        let first = place.number << place.level + 1
        let last = (place.number + 1) << place.level
        note(last, "the stored tree node over events \(first) to \(last) can't be read: \(message)")
    }

    private mutating func note(_ position: Int, _ message: String) {
        problemCount += 1
        if problems.count < Self.listed {
            problems.append(LogVerification.Problem(position: position, message: message))
        }
    }

    var result: LogVerification {
        LogVerification(
            head: TreeHead(size: tree.size, root: tree.root),
            roots: roots,
            problems: problems,
            problemCount: problemCount,
            unreadableFrom: unreadableFrom
        )
    }
}
