import Foundation

/// Numbers as people read them.
enum Quantities {
    /// Bytes in the unit that fits: `8.7 MB`.
    static func bytes(_ count: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(count)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: value < 9.95 ? "%.1f %@" : "%.0f %@", value, units[unit])
    }

    /// A number with thousands kept apart: `1 234 567`.
    static func count(_ number: Int) -> String {
        let digits = String(abs(number))
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { out.append(" ") }
            out.append(digit)
        }
        return number < 0 ? "-" + out : out
    }

    static func plural(_ number: Int, _ one: String, _ many: String) -> String {
        "\(count(number)) \(number == 1 ? one : many)"
    }

    /// Seconds as `3 s`, `2 min 05 s`, `1 h 02 min`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, seconds).rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3_600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return String(format: "%d h %02d min", whole / 3_600, whole / 60 % 60)
    }

    static func rate(_ megapixelsPerSecond: Double) -> String {
        String(format: megapixelsPerSecond < 10 ? "%.1f MP/s" : "%.0f MP/s", megapixelsPerSecond)
    }
}
