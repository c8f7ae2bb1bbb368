import AgentServer
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// What the kernel says of this process, as Prometheus' client libraries name it; nothing where there is no `/proc`.
enum ProcessFigures {
    static func samples() -> [MetricSample] {
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8) else { return [] }
        // The name in brackets may hold anything: what is counted stands behind it, from the third field on.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ").dropFirst()
        let numbers = fields.map { Double($0) ?? 0 }
        guard numbers.count > 21 else { return [] }
        let (ticks, page) = (Double(sysconf(Int32(_SC_CLK_TCK))), Double(sysconf(Int32(_SC_PAGESIZE))))
        var samples = [
            MetricSample("process_cpu_seconds_total", (numbers[11] + numbers[12]) / ticks),
            MetricSample("process_virtual_memory_bytes", numbers[20]),
            MetricSample("process_resident_memory_bytes", numbers[21] * page),
        ]
        if let boot = bootTime() {
            samples.append(MetricSample("process_start_time_seconds", boot + numbers[19] / ticks))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            samples.append(MetricSample("process_open_fds", open))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            samples.append(MetricSample("process_max_fds", Double(limit.rlim_cur)))
        }
        return samples
    }

    /// When the machine began, in seconds since 1970.
    private static func bootTime() -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }
}
