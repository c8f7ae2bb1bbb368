/// A moment in time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
package struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// The moment `duration` later.
    package static func + (time: Self, duration: Duration) -> Self {
        Self(microseconds: time.microseconds + duration.microseconds)
    }

    /// The time that passed from `right` to `left`.
    package static func - (left: Self, right: Self) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }

    /// RFC 3339 in UTC with microseconds: `2026-03-01T09:30:00.000000Z`.
    package var description: String {
        let (days, inDay) = Self.floorDivide(microseconds, by: 86_400_000_000)
        let (year, month, day) = Self.civil(fromDays: days)
        let seconds = inDay / 1_000_000
        var text: [UInt8] = []
        text.reserveCapacity(27)
        appendDecimal(Int(year), to: &text)
        append("-", month, to: &text)
        append("-", day, to: &text)
        append("T", seconds / 3_600, to: &text)
        append(":", seconds / 60 % 60, to: &text)
        append(":", seconds % 60, to: &text)
        append(".", inDay % 1_000_000, width: 6, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends a mark and a number of so many digits.
    private func append(_ mark: Unicode.Scalar, _ value: Int64, width: Int = 2, to text: inout [UInt8]) {
        text.append(UInt8(ascii: mark))
        var unit: Int64 = width == 2 ? 10 : 100_000
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
            unit /= 10
        }
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The proleptic Gregorian date of a day number, after Hinnant's "chrono-Compatible Low-Level Date Algorithms".
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

extension Duration {
    /// The whole microseconds of this duration.
    package var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// This duration in seconds.
    package var seconds: Double { Double(microseconds) / 1_000_000 }
}
