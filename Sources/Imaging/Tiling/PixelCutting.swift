import Digests

/// One image on its way through the crew: decoded band by band, and cut from its pixels.
struct PixelCutting {
    private let plan: TilePlan
    private let maker: TileMaker
    private let bands: [StoredBand]
    private let strips: [Strip]
    private let progress = CutProgress()
    private let deliver: @Sendable (CutTile) throws -> Void

    /// What the decoder is to give.
    var layout: StripLayout { strips[0].layout }
    private var info: ImageInfo { maker.info }

    init(
        _ maker: TileMaker,
        limits: ImageLimits,
        deliver: @escaping @Sendable (CutTile) throws -> Void
    ) throws(ImagingError) {
        let info = maker.info
        let upright = maker.orientation.orientedSize(width: info.width, height: info.height)
        plan = try TilePlan(width: upright.width, height: upright.height, settings: maker.settings, limits: limits)
        bands = StoredBand.bands(of: plan, orientation: maker.orientation, info: info)
        let layout = maker.layout(for: plan)
        let height = bands.map(\.rows.count).max() ?? min(64, info.height)
        // Two: one is read while the other is filled.
        strips = [
            try Strip(layout, info: info, height: height, limits: limits),
            try Strip(layout, info: info, height: bands.isEmpty ? 0 : height, limits: limits),
        ]
        self.maker = maker
        self.deliver = deliver
    }

    func run(_ decoder: borrowing ImageDecoder, _ queue: TileQueue, isCancelled: () -> Bool) throws -> TilingResult {
        do {
            try decodeAndQueue(decoder, queue, isCancelled)
            let trailingBytes = try decoder.finish()
            progress.wait(for: nil, in: queue)
            try progress.check()
            return TilingResult(info: info, plan: plan, count: progress.count, trailingBytes: trailingBytes)
        } catch {
            // The jobs that run must end before their image may go.
            progress.fail(error)
            progress.wait(for: nil, in: queue)
            throw error
        }
    }

    private func decodeAndQueue(
        _ decoder: borrowing ImageDecoder,
        _ queue: TileQueue,
        _ isCancelled: () -> Bool
    ) throws {
        var next = 0
        var before: Strip?
        for (index, band) in bands.enumerated() {
            let strip = strips[index % 2]
            progress.wait(for: index % 2, in: queue)
            try progress.check()
            try strip.fill(band.rows, after: before, from: decoder, next: &next, isCancelled: isCancelled)
            queueJobs(of: band, on: index % 2, queue)
            before = strip
        }
        guard next < info.height else { return }
        progress.wait(for: bands.count % 2, in: queue)
        try strips[bands.count % 2].drain(to: info.height, from: decoder, next: &next, isCancelled: isCancelled)
    }

    private func queueJobs(of band: StoredBand, on place: Int, _ queue: TileQueue) {
        let (maker, strip, progress, deliver) = (maker, strips[place], progress, deliver)
        let shares = queue.shares(of: band.windows)
        progress.begin(shares.count, on: place)
        queue.add(
            shares.map { windows in
                {
                    progress.run(on: place) {
                        try queue.withBench { try maker.make(windows, from: strip, on: $0, deliver: deliver) }
                    }
                }
            }
        )
    }
}

extension TileQueue {
    /// Splits windows into jobs: enough for every worker, and none larger than what is digested at once.
    func shares(of windows: [TileWindow]) -> [ArraySlice<TileWindow>] {
        let size = min(BatchMD5.lanes, max(1, (windows.count + workers - 1) / workers))
        return stride(from: 0, to: windows.count, by: size).map { windows[$0..<min($0 + size, windows.count)] }
    }
}

extension TilingResult {
    init(info: ImageInfo, plan: TilePlan, count: CutCount, trailingBytes: Int) {
        self.init(
            info: info,
            tiles: count.tiles,
            tileBytes: count.bytes,
            skippedTiles: count.skipped,
            uncoveredPixels: plan.uncoveredPixels,
            trailingBytes: trailingBytes,
            orientedWidth: plan.width,
            orientedHeight: plan.height
        )
    }
}
