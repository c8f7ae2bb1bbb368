import Files
import Foundation

/// How SQLite has to be told to open the WAL database at `path` for reading only.
///
/// To read a WAL database, SQLite makes an index of the WAL beside it where there is none. Where that is not allowed (a
/// read-only mount, a directory of another user) and there is no WAL, nobody has the database open and the file is all
/// of it: then it is read as one that does not change. An agent that starts meanwhile is seen by the next command.
package func readingPath(_ path: String) throws -> String {
    let mayMakeFiles = FileManager.default.isWritableFile(atPath: parent(of: path))
    if try mayMakeFiles || fileInfo(path) == nil || fileInfo(path + "-wal") != nil { return path }
    var allowed = CharacterSet.urlPathAllowed
    allowed.remove(charactersIn: "?#%")
    guard let name = path.addingPercentEncoding(withAllowedCharacters: allowed) else { return path }
    return "file:\(name)?immutable=1"
}
