extension LocalRemote: CheckedRemote {
    package func faults(
        among objects: [ExpectedObject],
        reads: Bool,
        progress: @escaping @Sendable (Int) -> Void
    ) throws -> [String: ObjectFault] {
        var faults: [String: ObjectFault] = [:]
        for (index, object) in objects.enumerated() {
            if index % 64 == 0 {
                try Task.checkCancellation()
                progress(index)
            }
            if let fault = try self.objects.fault(of: object) { faults[object.id] = fault }
        }
        progress(objects.count)
        return faults
    }

    package func read(_ object: ExpectedObject) throws -> [UInt8]? {
        try objects.read(object)
    }

    package func replace(_ object: ExpectedObject, with bytes: [UInt8]) throws {
        try objects.replace(object, with: bytes)
    }
}
