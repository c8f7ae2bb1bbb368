/// One number that is read when somebody asks for it.
package struct MetricSample: Sendable, Equatable {
    package let name: String
    package let labels: [(String, String)]
    package let value: Double

    package init(_ name: String, _ labels: [(String, String)], _ value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }

    package init(_ name: String, _ labels: [(String, String)], _ value: Int) {
        self.init(name, labels, Double(value))
    }

    package init(_ name: String, _ value: Double) {
        self.init(name, [], value)
    }

    package init(_ name: String, _ value: Int) {
        self.init(name, [], Double(value))
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.value == right.value && left.labels.elementsEqual(right.labels, by: ==)
    }
}
