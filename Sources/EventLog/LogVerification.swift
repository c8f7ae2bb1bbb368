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
    /// Leaves that one reader computes at a time: all wait for the last of them, which is less often with more.
    private static let verifiedPageSize = 4 * pageSize

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
        for position in try await positionsBeforeTheFirst() { verifier.noteForeign(position) }
        var pages = try await leafPages(after: verifier.lastPosition)
        while true {
            // The next pages are read while these are compared.
            let expected = verifier.lastPosition + pages.count * Self.verifiedPageSize
            async let next = leafPages(after: expected)
            // Where rows are missing, a page ends further on than the next was expected to begin.
            for page in pages where page.start == verifier.lastPosition {
                guard case .success(let leaves) = page.leaves else {
                    try await verifyOneByOne(&verifier, progress)
                    return verifier.result
                }
                if leaves.isEmpty { return verifier.result }
                try await compare(leaves, &verifier, progress)
            }
            pages = try await next
            if expected != verifier.lastPosition { pages = try await leafPages(after: verifier.lastPosition) }
        }
    }

    /// Rows where no append puts any: the tree has no leaf for them, and does not miss them.
    private func positionsBeforeTheFirst() async throws -> [Int] {
        do {
            return try await LogSchema.translating(path) {
                try await database.read { database in
                    try Int.fetchAll(
                        database,
                        sql: "SELECT position FROM events WHERE position < 1 ORDER BY position LIMIT ?",
                        arguments: [LogVerifier.listed]
                    )
                }
            }
        } catch let error as EventLogError where error.code == .damaged {
            // What can't be read of the file is told by the reading of its events.
            return []
        }
    }

    /// Goes on up to the event that can't be read.
    private func verifyOneByOne(_ verifier: inout LogVerifier, _ progress: (Int) -> Void) async throws {
        while true {
            switch try await leaves(after: verifier.lastPosition, limit: 1) {
            case .success(let leaves):
                if leaves.isEmpty { return }
                try await compare(leaves, &verifier, progress)
            case .failure(let error):
                return verifier.end(error.message)
            }
        }
    }

    private func compare(
        _ leaves: [RecomputedLeaf],
        _ verifier: inout LogVerifier,
        _ progress: (Int) -> Void
    ) async throws {
        let nodes = try await storedNodes(verifier.completedNodes(through: leaves.count))
        verifier.take(leaves, storedNodes: nodes)
        progress(verifier.lastPosition)
    }

    private func storedTree(_ size: Int) async throws -> MerkleTree {
        guard size > 0 else { return MerkleTree() }
        return try await LogSchema.translating(path) {
            try await database.read { try LogSchema.tree(size: size, in: $0) }
        }
    }

    /// Leaves after a position, or why the file does not give them.
    private struct LeafPage: Sendable {
        let start: Int
        let leaves: Result<[RecomputedLeaf], EventLogError>
    }

    /// Pages that are read at the same time, each from where the one before ends if no rows are missing.
    ///
    /// One reader is left for the tree's nodes.
    private func leafPages(after position: Int) async throws -> [LeafPage] {
        try await withThrowingTaskGroup(of: LeafPage.self) { group in
            for number in 0..<LogSchema.readers - 1 {
                let start = position + number * Self.verifiedPageSize
                group.addTask {
                    LeafPage(start: start, leaves: try await self.leaves(after: start, limit: Self.verifiedPageSize))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.start < $1.start }
        }
    }

    private func leaves(after position: Int, limit: Int) async throws -> Result<[RecomputedLeaf], EventLogError> {
        do {
            return .success(
                try await LogSchema.translating(path) {
                    try await database.read { try RecomputedLeaf.read($0, after: position, limit: limit) }
                }
            )
        } catch let error as EventLogError where error.code == .damaged {
            return .failure(error)
        }
    }

    /// What is stored at these places: a hash, nothing, or what can't be read and why.
    private func storedNodes(_ places: [NodePlace]) async throws -> [(NodePlace, Result<Digest?, DatabaseError>)] {
        guard !places.isEmpty else { return [] }
        return try await database.read { database in
            try places.map { place in
                do {
                    return (place, .success(try RecomputedLeaf.node(place, in: database)))
                } catch let error as DatabaseError {
                    return (place, .failure(error))
                }
            }
        }
    }
}

/// An event with the salt that hides its payload in the tree.
struct SaltedEvent: Sendable {
    let event: RecordedEvent
    let salt: [UInt8]

    static func read(_ database: Database, at position: Int) throws -> SaltedEvent? {
        let statement = try database.cachedStatement(
            sql: "SELECT \(EventRow.columns), salt FROM events WHERE position = ?"
        )
        return try EventRowReader.saltedEvents(statement, [position]).first
    }
}

/// A leaf as the row of its event gives it.
struct RecomputedLeaf: Sendable {
    let position: Int
    let hash: Digest
    /// What event it is, where the row holds another leaf.
    let misfit: String?

    static func read(_ database: Database, after position: Int, limit: Int) throws -> [RecomputedLeaf] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(EventRow.columns), salt, leaf FROM events WHERE position > ? ORDER BY position LIMIT ?"
        )
        var leaves: [RecomputedLeaf] = []
        leaves.reserveCapacity(limit)
        var hasher = LeafHasher()
        try statement.forEachRow([position, limit]) { row in
            let hash = try hasher.hash(of: row)
            let isStored = unsafe Digest(bytes: row.bytes(12).bytes) == hash
            leaves.append(
                RecomputedLeaf(position: row.integer(0), hash: hash, misfit: isStored ? nil : row.eventName)
            )
        }
        return leaves
    }

    static func node(_ place: NodePlace, in database: Database) throws -> Digest? {
        let statement = try database.cachedStatement(
            sql: "SELECT hash FROM merkle_nodes WHERE level = ? AND number = ?"
        )
        return try Data.fetchOne(statement, arguments: [place.level, place.number]).flatMap { Digest(bytes: Array($0)) }
    }
}

extension StatementRow {
    /// The type and the stream of a row with the columns of `EventRow`.
    fileprivate var eventName: String {
        unsafe "\(String(decoding: bytes(4), as: UTF8.self)) on \(String(decoding: bytes(2), as: UTF8.self))"
    }
}

/// A stored subtree.
struct NodePlace: Hashable, Sendable {
    let level: Int
    let number: Int
}

/// Walks the events in order and notes what does not fit.
struct LogVerifier {
    fileprivate static let listed = 100

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

    /// Takes the next leaves, and what is stored of the subtrees that they complete.
    mutating func take(_ leaves: [RecomputedLeaf], storedNodes: [(NodePlace, Result<Digest?, DatabaseError>)]) {
        var stored: [NodePlace: Digest?] = [:]
        for (place, node) in storedNodes {
            switch node {
            case .success(let hash): stored[place] = .some(hash)
            case .failure(let error): noteUnreadable(place, "\(error)")
            }
        }
        for leaf in leaves {
            let position = leaf.position
            if position != lastPosition + 1 {
                let last = position - 1
                note(
                    lastPosition + 1,
                    "events \(lastPosition + 1) to \(last) are missing: rows were deleted or renumbered"
                )
            }
            lastPosition = position
            if let event = leaf.misfit {
                note(position, "the event (\(event)) is not what was appended: its leaf differs")
            }
            for node in tree.append(leaf.hash) {
                let place = NodePlace(level: node.level, number: node.number)
                if let known = stored[place], known != node.hash {
                    let first = node.number << node.level + 1
                    note(position, "the stored tree node over events \(first) to \(position) does not fit them")
                }
            }
            if !sizes.isEmpty, sizes.contains(tree.size) { roots[tree.size] = tree.root }
        }
    }

    /// Notes a row that stands before the first event.
    mutating func noteForeign(_ position: Int) {
        note(position, "the row was not appended: positions begin with 1")
    }

    /// Notes that no more can be read.
    mutating func end(_ message: String) {
        let position = lastPosition + 1
        unreadableFrom = position
        note(position, "the event can't be read, nor can what follows it be proved: \(message)")
    }

    private mutating func noteUnreadable(_ place: NodePlace, _ message: String) {
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
