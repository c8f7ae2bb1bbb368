/// A remote as `.dvc/config` describes it.
package struct RemoteSettings: Sendable, Equatable {
    package var name: String
    /// An absolute directory, or any URL that DVC knows.
    package var url: String
    /// More keys of the remote, for example `endpointurl`, in this order.
    package var options: [(key: String, value: String)]

    package init(name: String = "swathlog", url: String, options: [(key: String, value: String)] = []) {
        self.name = name
        self.url = url
        self.options = options
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.url == right.url
            && left.options.elementsEqual(right.options) { $0.key == $1.key && $0.value == $1.value }
    }
}
