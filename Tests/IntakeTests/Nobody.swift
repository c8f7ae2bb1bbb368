import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Runs a body with a file system identity that permissions bind.
///
/// Where the tests run as root, no permission would be refused. setfsuid(2) changes the identity, and drops the
/// capabilities that go with root's, for this thread alone; the body must not suspend.
func asNobody<Result>(_ body: () throws -> Result) throws -> Result {
    typealias SetID = @convention(c) (UInt32) -> Int32
    guard geteuid() == 0 else { return try body() }
    // Swift's view of the C library lacks the header of this function.
    let address = try #require(dlsym(nil, "setfsuid"))
    let setfsuid = unsafeBitCast(address, to: SetID.self)
    _ = setfsuid(65534)
    defer { _ = setfsuid(0) }
    // It returns the previous identity and reports no failure: asking again shows whether it took effect.
    try #require(setfsuid(65534) == 65534)
    return try body()
}
