import EventLog
import Files
import Foundation
import Stages

/// Looks whether an agent could take the store, and changes nothing.
struct StoreExamination {
    let settings: Settings

    func run() -> DoctorFinding {
        let paths = StorePaths(root: settings.store, dataset: settings.datasetRepository)
        do {
            guard try fileInfo(paths.root) != nil else { return coming(paths.root) }
            let written = [paths.root, paths.owner, paths.log, paths.projections]
            for path in try written.filter({ try fileInfo($0) != nil })
            where !FileManager.default.isWritableFile(atPath: path) {
                return .wrong("store", "\(path) can't be written: give it to the user that runs this program")
            }
            guard try fileInfo(paths.log) != nil else { return .well("store", "\(paths.root) can be written") }
            try EventLog.examine(path: paths.log)
            return .well("store", "\(paths.root) can be written, and its log read")
        } catch {
            return .wrong("store", Exit.words(for: error).message)
        }
    }

    /// A store that is not there yet.
    private func coming(_ path: String) -> DoctorFinding {
        var above = parent(of: path)
        while (try? fileInfo(above)) == nil, above != "/" { above = parent(of: above) }
        return FileManager.default.isWritableFile(atPath: above)
            ? .well("store", "\(path) does not exist yet: the first run makes it")
            : .wrong(
                "store",
                "\(path) can't be made: \(above) can't be written; give it to the user that runs this program"
            )
    }
}
