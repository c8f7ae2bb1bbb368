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

    package func replace(_ objects: [ExpectedObject], from cache: DVCCache) throws {
        for object in objects {
            try Task.checkCancellation()
            guard let bytes = try cache.read(object) else { throw DVCError.objectMissing(object.id) }
            try self.objects.replace(object, with: bytes)
        }
    }

    package func sweep() throws {
        if !objects.tag.isEmpty { try objects.sweep() }
    }
}
