/// What an identifier can stand for.
package enum LineageSubject: Sendable, Hashable {
    case object(String)
    case derivation(String)
    /// - Parameter holder: the object for whose place in the dataset it was asked; nil where it was for the tile alone.
    case tile(derivation: String, name: String, holder: String? = nil)
    case commit(String)
    case notification(String)

    /// The kind, as answers name it.
    package var kind: String {
        switch self {
        case .object: "object"
        case .derivation: "derivation"
        case .tile: "tile"
        case .commit: "dataset version"
        case .notification: "notification"
        }
    }

    package var id: String {
        switch self {
        case .object(let id), .derivation(let id), .commit(let id), .notification(let id): id
        case .tile(let derivation, let name, _): "\(derivation)/\(name)"
        }
    }
}
