/// One JPEG file on its way through the crew: its coefficients are cut, no pixel is decoded.
struct LosslessCutting {
    private let jpeg: LosslessJPEG
    private let plan: TilePlan
    private let segments: [UInt8]
    private let progress = CutProgress()

    init(
        _ image: ImageFile,
        _ appearance: Appearance,
        _ settings: TilingSettings,
        _ limits: ImageLimits,
        isCancelled: () -> Bool
    ) throws(ImagingError) {
        let grid = try LosslessJPEG.grid(of: image, limits: limits)
        plan = try TilePlan(
            width: grid.info.width,
            height: grid.info.height,
            settings: settings,
            grid: (grid.mcuWidth, grid.mcuHeight),
            limits: limits
        )
        try Self.check(plan, grid.mcuWidth, grid.mcuHeight)
        // Of an image that has no tile, by its edge policy, the file is checked all the same.
        let isEmpty = plan.count == 0
        jpeg = try LosslessJPEG(
            image,
            columns: isEmpty ? [(0, plan.width)] : plan.columnSpans.map { ($0.start, $0.length) },
            rows: isEmpty ? [(0, plan.height)] : plan.rowSpans.map { ($0.start, $0.length) },
            limits: limits,
            isCancelled: isCancelled
        )
        let turn = appearance.orientation == .up ? [] : LosslessJPEG.orientationSegment(appearance.orientation)
        var segments = turn
        if let profile = appearance.profile { segments += try JPEGEncoder.profileSegments(profile.bytes) }
        self.segments = segments
    }

    /// Sizes are multiples of 16 by the recipe; rare files have larger MCUs.
    private static func check(_ plan: TilePlan, _ width: Int, _ height: Int) throws(ImagingError) {
        let isAligned =
            plan.columnSpans.allSatisfy { $0.start % width == 0 && ends($0, of: plan.width, on: width) }
            && plan.rowSpans.allSatisfy { $0.start % height == 0 && ends($0, of: plan.height, on: height) }
        guard isAligned else {
            throw ImagingError(
                .encodeFailed,
                "this JPEG is made of units of \(width) x \(height) pixels, which its tiles would cut; make tile_size and "
                    + "tile_overlap multiples of that, or take tile_format png"
            )
        }
    }

    private static func ends(_ span: TileSpan, of length: Int, on grid: Int) -> Bool {
        (span.start + span.length) % grid == 0 || span.start + span.length == length
    }

    func run(_ queue: TileQueue, deliver: @escaping @Sendable (CutTile) throws -> Void) throws -> TilingResult {
        let (jpeg, segments, progress) = (jpeg, segments, progress)
        let shares = queue.shares(of: plan.windows)
        progress.begin(shares.count, on: 0)
        queue.add(
            shares.map { windows in
                {
                    progress.run(on: 0) {
                        var batch = TileBatch()
                        for window in windows {
                            let bytes = try jpeg.tile(column: window.column, row: window.row, segments: segments)
                            try batch.add(MadeTile(window: window, bytes: bytes), deliver: deliver)
                        }
                        try batch.flush(deliver)
                        return batch.count
                    }
                }
            }
        )
        progress.wait(for: nil, in: queue)
        try progress.check()
        return TilingResult(info: jpeg.info, plan: plan, count: progress.count, trailingBytes: jpeg.trailingBytes)
    }
}
