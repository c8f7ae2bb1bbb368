import Crypto
import DVC
import Files
import Synchronization

/// A directory of a test's own, removed with the object.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = "/tmp/swathlog-dvc-\(UInt64.random(in: .min ... .max))"
        try createDirectories(path)
    }

    deinit { try? removeTree(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// Files by path, as a partition holds them.
typealias Tree = [(path: String, bytes: [UInt8])]

func md5Text(_ bytes: [UInt8]) -> String { hexadecimal(Insecure.MD5.hash(data: bytes)) }

/// The manifest of files in any order.
func manifest(_ files: Tree) throws -> Manifest {
    var writer = ManifestWriter()
    for file in files.sorted(by: { $0.path.precedesInBytes($1.path) }) {
        try writer.append(ManifestEntry(relpath: file.path, md5: md5Text(file.bytes), size: file.bytes.count))
    }
    return writer.finish()
}

/// Puts the files' objects into a cache.
func store(_ files: Tree, in cache: DVCCache) throws {
    let batch = try cache.batch()
    for file in files { try batch.add(bytes: file.bytes, md5: md5Text(file.bytes)) }
    try batch.commit()
}

func write(_ files: Tree, below directory: String) throws {
    try createDirectories(directory, durable: false)
    for file in files {
        let path = "\(directory)/\(file.path)"
        try createDirectories(parent(of: path), durable: false)
        try writeNew(file.bytes, to: path, mode: 0o644, synchronized: false)
    }
}

/// All files below a directory, sorted, links followed.
func read(below directory: String, prefix: String = "") throws -> Tree {
    var files: Tree = []
    for entry in try listDirectory(directory) {
        guard let name = entry.name else { continue }
        if entry.kind == .directory {
            files += try read(below: "\(directory)/\(name)", prefix: "\(prefix)\(name)/")
        } else {
            files.append(("\(prefix)\(name)", try readFile("\(directory)/\(name)")))
        }
    }
    return files.sorted { $0.path.precedesInBytes($1.path) }
}

func same(_ left: Tree, _ right: Tree) -> Bool {
    let order = { (a: Tree.Element, b: Tree.Element) in a.path.precedesInBytes(b.path) }
    return left.sorted(by: order).elementsEqual(right.sorted(by: order)) {
        $0.path.utf8.elementsEqual($1.path.utf8) && $0.bytes == $1.bytes
    }
}

/// Numbered tiles of distinct contents.
func tiles(_ range: Range<Int>, version: Int = 1) -> Tree {
    range.map { ("flight/DJI_\($0 / 10)/\($0 % 10)_0.png", Array("tile \($0) version \(version)".utf8)) }
}

/// A repository with one partition `p` of these files.
func repository(
    _ scratch: Scratch,
    _ files: Tree,
    remote: RemoteSettings? = nil
) async throws -> DatasetRepository {
    let repository = try await DatasetRepository.open(at: scratch("dataset"), remote: remote)
    try store(files, in: repository.cache)
    _ = try await repository.publish(partition: "p", manifest: manifest(files), message: "Add p")
    return repository
}

/// Sentences that a repository told while it waited.
final class Waits: Sendable {
    private let told = Mutex<[String]>([])

    var all: [String] { told.withLock { $0 } }

    func add(_ sentence: String) { told.withLock { $0.append(sentence) } }
}
