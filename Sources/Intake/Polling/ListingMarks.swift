package import Events

/// How far an incremental listing has come: the highest key that was known, at a few moments of the past.
///
/// A listing starts after the highest key that was known `look_back` ago, so that a key that sorts lower and comes later
/// by less than that is found. It is a few dozen marks however many keys there are.
package struct ListingMarks: Sendable, Equatable {
    package struct Mark: Sendable, Equatable {
        package let time: Timestamp
        package let key: String

        package init(time: Timestamp, key: String) {
            self.time = time
            self.key = key
        }
    }

    /// The most marks that are kept.
    package static let limit = 64

    /// Oldest first.
    package private(set) var marks: [Mark] = []
    /// Whether the last listing's keys came in no order: then no listing can start within them.
    package var isUnsorted = false

    package init(_ marks: [Mark] = []) {
        self.marks = marks
    }

    /// The key to start after; nil for a listing from the beginning.
    package func start(now: Timestamp, lookBack: Duration) -> String? {
        isUnsorted ? nil : marks.last { $0.time + lookBack <= now }?.key
    }

    /// Notes the highest key of a listing that was asked for at `time`.
    package mutating func note(_ key: String, at time: Timestamp, lookBack: Duration) {
        let highest = marks.last.map { Self.isBefore(key, $0.key) ? $0.key : key } ?? key
        // Marks that are closer together than this tell nothing new.
        let spacing = lookBack / (Self.limit / 2)
        if let last = marks.last, marks.count > 1, time - marks[marks.count - 2].time < spacing {
            marks[marks.count - 1] = Mark(time: last.time, key: highest)
        } else {
            marks.append(Mark(time: time, key: highest))
        }
        // One that is older than the look-back is enough: the newest of those.
        while marks.count > 1, marks[1].time + lookBack <= time { marks.removeFirst() }
        if marks.count > Self.limit { marks.removeFirst(marks.count - Self.limit) }
    }

    package static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

extension ListingMarks {
    /// Reads what `json` wrote; nil where it is something else.
    package init?(json text: [UInt8]) {
        guard let json = try? JSONObject(text), let times = try? json.doubles("times"),
            let keys = try? json.object("keys").strings(), times.count == keys.count
        else { return nil }
        var marks: [Mark] = []
        for (index, time) in times.enumerated() {
            guard let key = keys[String(index)], let microseconds = Int64(exactly: time) else { return nil }
            marks.append(Mark(time: Timestamp(microseconds: microseconds), key: key))
        }
        self.marks = marks
        isUnsorted = json.raw("unsorted") != nil
    }

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("unsorted", isUnsorted ? true : nil)
            $0.set("times", marks.map { Int($0.time.microseconds) })
            $0.set(
                "keys",
                CanonicalJSON { json in
                    for (index, mark) in marks.enumerated() { json.set(String(index), mark.key) }
                }
            )
        }
    }
}
