import TestSupport

/// Has the program under test live faster than its machine, so that what takes it minutes takes seconds
/// (`Interposed/fast_clock.c`).
struct FastClock {
    /// How much faster: what it waits for on loopback must still come in a thirtieth of the time it gives it.
    private static let speed = 30

    /// What the program is to be started with.
    let variables: [String: String]

    init(in scratch: Scratch) async throws {
        let library = scratch.file("fast_clock.so")
        let source = "\(Checkout.root)/Tests/SourcesTests/Interposed/fast_clock.c"
        try await Tool("cc", install: "apt-get install gcc").check(["-shared", "-fPIC", "-O1", "-o", library, source])
        variables = ["LD_PRELOAD": library, "CLOCK_SPEED": String(Self.speed)]
    }
}
