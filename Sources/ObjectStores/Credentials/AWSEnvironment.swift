import Files

/// The variables that AWS's own programs are set up with; empty ones count as not set.
package struct AWSEnvironment: Sendable {
    private let variables: [String: String]

    package init(_ variables: [String: String]) {
        self.variables = variables
    }

    /// The environment of this process.
    package static func ofProcess() -> AWSEnvironment {
        var variables: [String: String] = [:]
        for entry in processEnvironment() {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")),
                let name = String(validating: entry[..<equals], as: UTF8.self),
                let value = String(validating: entry[(equals + 1)...], as: UTF8.self)
            else { continue }
            variables[name] = value
        }
        return AWSEnvironment(variables)
    }

    /// The same with other values for some variables.
    package func replacing(_ values: [String: String]) -> AWSEnvironment {
        AWSEnvironment(variables.merging(values) { $1 })
    }

    package subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The path of a file that a variable names or that lies under the home directory.
    func file(_ variable: String, default name: String) -> String? {
        if let path = self[variable] {
            guard path.hasPrefix("~/"), let home = self["HOME"] else { return path }
            return home + path.dropFirst()
        }
        return self["HOME"].map { "\($0)/.aws/\(name)" }
    }
}
