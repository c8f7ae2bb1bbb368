#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Measures this program on this machine: `swathlog-bench log [--json] [--events N] [--catalog-events N]`.
@main
struct SwathlogBench {
    static func main() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let isJSON = arguments.contains("--json")
        arguments.removeAll { $0 == "--json" }
        var events = 1_000_000
        var catalogEvents = 300_000
        while arguments.count > 2, let count = Int(arguments[arguments.count - 1]), count > 0 {
            switch arguments[arguments.count - 2] {
            case "--events": events = count
            case "--catalog-events": catalogEvents = count
            default: exit(usage())
            }
            arguments.removeLast(2)
        }
        guard arguments == ["log"] else { exit(usage()) }
        let results = try await LogBenchmark(events: events, catalogEvents: catalogEvents).run()
        print(isJSON ? Measurement.json(results) : Measurement.table(results))
    }

    private static func usage() -> CInt {
        print("usage: swathlog-bench log [--json] [--events N] [--catalog-events N]")
        return 64
    }
}
