import CImaging

/// Makes JPEG tiles of planes, the same for all threads: what several tiles of a row show is transformed and coded once.
///
/// The files are those that libjpeg makes of the same planes, byte for byte.
@safe
final class PlaneCoder: Sendable {
    private let subsampling: JPEGSubsampling
    // Sendable: after `init` it is only read, until `deinit`, when nobody holds it.
    private nonisolated(unsafe) let raw: OpaquePointer

    init(quality: Int, subsampling: JPEGSubsampling) throws(ImagingError) {
        var failure = imaging_failure()
        var opened: OpaquePointer?
        let code = unsafe imaging_jpeg_coder_open(
            Int32(clamping: quality),
            subsampling.horizontal,
            subsampling.vertical,
            &opened,
            &failure
        )
        guard code == 0, let opened = unsafe opened else { throw ImagingError(failure) }
        self.subsampling = subsampling
        unsafe raw = opened
    }

    deinit {
        unsafe imaging_jpeg_coder_close(raw)
    }

    /// Encodes windows of the same rows, from left to right, from where they lie.
    ///
    /// The strip's layout made sure that they are whole MCUs. `segments` are APPn segments as they stand in a file.
    func encode(
        _ windows: ArraySlice<TileWindow>,
        of strip: Strip,
        segments: [UInt8],
        on bench: Workbench,
        _ take: (TileWindow, [UInt8]) throws -> Void
    ) throws {
        for run in runs(of: windows) {
            try code(run, of: strip, on: bench)
            for (column, window) in run.enumerated() {
                let bytes = try unsafe bench.out.collect { out, failure in
                    unsafe segments.withUnsafeBufferPointer { segments in
                        unsafe imaging_band_write(
                            bench.band.raw,
                            raw,
                            column,
                            segments.baseAddress,
                            segments.count,
                            out,
                            failure
                        )
                    }
                }
                try take(window, bytes)
            }
        }
    }

    /// Windows whose MCUs are the same: the last one of a row may lie off the others' grid.
    private func runs(of windows: ArraySlice<TileWindow>) -> [ArraySlice<TileWindow>] {
        let step = 8 * Int(subsampling.horizontal)
        var runs: [ArraySlice<TileWindow>] = []
        for index in windows.indices {
            if let run = runs.last, (windows[index].x - windows[run.startIndex].x) % step == 0 {
                runs[runs.endIndex - 1] = windows[run.startIndex...index]
            } else {
                runs.append(windows[index...index])
            }
        }
        return runs
    }

    /// Codes the pixels that a run of windows shows.
    private func code(_ run: ArraySlice<TileWindow>, of strip: Strip, on bench: Workbench) throws(ImagingError) {
        guard let first = run.first, strip.layout.subsampling == subsampling else {
            throw ImagingError(.encodeFailed, "the strip does not hold planes of \(subsampling.rawValue)")
        }
        // The last pixels' samples are checked too; all others lie between.
        for window in run {
            let (lastX, lastY) = (window.x + window.width - 1, window.y + window.height - 1)
            try unsafe strip.withSample(x: lastX, y: lastY) { (_) throws(ImagingError) in }
        }
        let planes = try strip.planes(x: first.x, y: first.y)
        let columns = run.map { imaging_span(start: UInt32($0.x - first.x), length: UInt32($0.width)) }
        var failure = imaging_failure()
        let code = unsafe columns.withUnsafeBufferPointer { columns in
            unsafe withUnsafePointer(to: planes) { planes in
                var request = unsafe imaging_band_request(
                    planes: planes,
                    height: UInt32(first.height),
                    columns: columns.baseAddress,
                    columns_count: columns.count
                )
                return unsafe imaging_band_code(bench.band.raw, raw, &request, &failure)
            }
        }
        guard code == 0 else { throw ImagingError(failure) }
    }
}

/// The one owner of a band's coded bits, reused from band to band.
@safe
struct CodedBand: ~Copyable {
    /// Nothing where memory ended, which coding then tells.
    fileprivate let raw = unsafe imaging_band_open()

    deinit {
        unsafe imaging_band_close(raw)
    }
}

extension Strip {
    /// Where its planes show a pixel; valid while the strip is.
    fileprivate func planes(x: Int, y: Int) throws(ImagingError) -> imaging_planes {
        guard layout.planes.count == 3 else {
            throw ImagingError(.encodeFailed, "the strip holds pixels, not planes")
        }
        var samples: [UnsafeMutablePointer<UInt8>] = unsafe []
        for plane in 0..<3 {
            try unsafe withSample(plane: plane, x: x, y: y) { (sample) throws(ImagingError) in
                unsafe samples.append(UnsafeMutablePointer(mutating: sample))
            }
        }
        let strides = layout.planes.map(\.stride)
        return unsafe imaging_planes(
            samples: (samples[0], samples[1], samples[2]),
            strides: (strides[0], strides[1], strides[2])
        )
    }
}
