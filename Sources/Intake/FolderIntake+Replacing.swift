import EventLog
import Projections

extension FolderIntake {
    /// Looks whether the folder is the directory that it was.
    ///
    /// - Returns: the position from which on another one was met in its place; nil where it is the same one, or none is
    ///   remembered.
    func replacedAt() throws -> Int? {
        replacedAt(memory, try scanner.identity())
    }

    /// Looks which directories that file systems were mounted on below the folder are others now, or gone.
    ///
    /// - Returns: their memories, each with the position from which on it was so.
    func lostMounts() throws -> [(mount: FolderMemory, since: Int)] {
        try memory.mounts().compactMap { mount in
            let place: FolderScanner.Place?
            do throws(IntakeError) {
                place = try folder.place(of: mount.key)
            } catch {
                // Of what can't be looked at no file is taken for gone.
                return nil
            }
            return replacedAt(mount, place?.identity).map { (mount, $0) }
        }
    }

    /// Remembers the directory as the folder's.
    func remember(_ identity: FileIdentity) {
        let place = FolderMemory.Place(identity: identity)
        if memory.read() != place { memory.write(place) }
    }

    /// Remembers a file system that is mounted below the folder, unless one is remembered there.
    func remember(_ mount: FolderScanner.Mount) {
        let memory = memory.below(mount.key)
        if memory.read() == nil { memory.write(FolderMemory.Place(identity: mount.identity)) }
    }

    /// Why removals are not recorded of a directory that stands in the place of another; nil where at least half of
    /// the files that were known of that one are in this one, as where a file system was mounted anew.
    ///
    /// - Parameter position: what was observed since then does not count.
    func strangeness(of memory: FolderMemory, since position: Int) async throws -> IntakeError? {
        let folder = folder
        var (there, gone) = (0, 0)
        try await eachKnown(of: memory) { known in
            for (key, version) in known where version.observedPosition <= position {
                if try folder.look(key) == nil { gone += 1 } else { there += 1 }
            }
            return true
        }
        guard gone > there else { return nil }
        let missing = "\(gone) of the \(gone + there) files that are known"
        let remedy = "where they are gone for good, remove \(memory.path), and the next look records it"
        guard !memory.key.isEmpty else {
            return IntakeError(
                code: .rootReplaced,
                message:
                    "\(bucket) is another directory than before, without \(missing): mount its file system or bring the folder back; \(remedy)"
            )
        }
        return IntakeError(
            code: .mountReplaced,
            message:
                "\(bucket)/\(memory.key) is not the file system any more that was mounted there, and is without \(missing): mount it; \(remedy)"
        )
    }

    /// Why removals are not recorded of what was mounted below the folder, one reason for each directory.
    ///
    /// One that has most of its files is remembered as it is now.
    func strangeMounts() async throws -> [IntakeError] {
        var strange: [IntakeError] = []
        for (mount, position) in try lostMounts() {
            if let error = try await strangeness(of: mount, since: position) {
                strange.append(error)
            } else if let place = try folder.place(of: mount.key), place.isMount {
                mount.write(FolderMemory.Place(identity: place.identity))
            } else {
                try mount.forget()
            }
        }
        return strange
    }

    /// The folder that keys are of, also where the source is one file in it.
    private var folder: FolderScanner { FolderScanner(root: bucket) }

    private func replacedAt(_ memory: FolderMemory, _ identity: FileIdentity?) -> Int? {
        guard var place = memory.read(), place.identity != identity else { return nil }
        if place.replacedAt == nil {
            place.replacedAt = log.headPosition
            memory.write(place)
        }
        return place.replacedAt
    }
}
