/// The stream that an event belongs to: what it is the history of.
package enum StreamName: Sendable, Equatable {
    case object(String)
    /// A notice that could not be read as an object's.
    case notice(String)
    case derivation(String)
    case generation(String)
    case dataset(String)
    case notification(String)
    case endpoint(String)
    case recipe
    case agent

    package var text: String {
        switch self {
        case .object(let id): "object/\(id)"
        case .notice(let id): "notice/\(id)"
        case .derivation(let id): "derivation/\(id)"
        case .generation(let id): "generation/\(id)"
        case .dataset(let partition): "dataset/\(partition)"
        case .notification(let id): "notification/\(id)"
        case .endpoint(let name): "endpoint/\(name)"
        case .recipe: "recipe"
        case .agent: "agent"
        }
    }

    /// The part after the slash of a stream's text.
    package static func id(of text: String) -> String {
        guard let slash = text.firstIndex(of: "/") else { return text }
        return String(text[text.index(after: slash)...])
    }
}
