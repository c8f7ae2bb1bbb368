/// Who tells of objects; the raw value is what events say.
package enum Announcer: String, Sendable, CaseIterable {
    case listing
    case sqs
    case push
}
