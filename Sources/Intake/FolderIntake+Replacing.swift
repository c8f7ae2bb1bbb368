import EventLog
import Projections

extension FolderIntake {
    /// Looks whether the folder is the directory that it was.
    ///
    /// - Returns: the position from which on another one was met in its place; nil where it is the same one, or none is
    ///   remembered.
    func replacedAt() throws -> Int? {
        let identity = try scanner.identity()
        guard var place = memory.read(), place.identity != identity else { return nil }
        if place.replacedAt == nil {
            place.replacedAt = log.headPosition
            memory.write(place)
        }
        return place.replacedAt
    }

    /// Remembers the directory as the folder's.
    func remember(_ identity: FileIdentity) {
        let place = FolderMemory.Place(identity: identity)
        if memory.read() != place { memory.write(place) }
    }

    /// Why removals are not recorded of a directory that stands in the place of the folder's; nil where at least half of
    /// the files that were known of that one are in this one, as where a file system was mounted anew.
    ///
    /// - Parameter position: what was observed since then does not count.
    func strangeness(since position: Int) async throws -> IntakeError? {
        let folder = FolderScanner(root: bucket)
        var (there, gone) = (0, 0)
        try await eachKnown { known in
            for (key, version) in known where version.observedPosition <= position {
                if try folder.look(key) == nil { gone += 1 } else { there += 1 }
            }
            return true
        }
        guard gone > there else { return nil }
        return IntakeError(
            code: .rootReplaced,
            message:
                "\(bucket) is another directory than before, without \(gone) of the \(gone + there) files that are known: mount its file system or bring the folder back; where they are gone for good, remove \(memory.path), and the next look records it"
        )
    }
}
