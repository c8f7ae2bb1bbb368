/// What is wrong with a setting.
package struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case badValue = "bad-setting"
        case unknownKey = "unknown-setting"
        case badFile = "bad-settings-file"
        case contradiction = "contradicting-settings"
        case missing = "missing-setting"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
