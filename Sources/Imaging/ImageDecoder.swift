import CImaging

/// The one owner of a C decoder: rows of one file, from first to last.
///
/// It reads the bytes it was opened with until it is gone, so it lives inside one `withUnsafeBufferPointer`.
@safe
struct ImageDecoder: ~Copyable {
    let info: ImageInfo
    private let raw: OpaquePointer

    deinit {
        unsafe imaging_decoder_close(raw)
    }

    /// Checks a file's kind and claims, then opens it; reads no pixels.
    init(_ bytes: UnsafeBufferPointer<UInt8>, of image: ImageFile, limits: ImageLimits) throws(ImagingError) {
        let format = try ImageFormat(of: image.bytes)
        let claim =
            switch format {
            case .jpeg: try HeaderScan.jpeg(image.bytes)
            case .png: try HeaderScan.png(image.bytes)
            }
        try Self.check(claim, limits: limits)
        var header = imaging_header()
        var failure = imaging_failure()
        var opened: OpaquePointer?
        let code = unsafe imaging_decoder_open(
            format == .jpeg ? IMAGING_JPEG : IMAGING_PNG,
            bytes.baseAddress,
            bytes.count,
            &opened,
            &header,
            &failure
        )
        guard code == 0, let opened = unsafe opened else { throw ImagingError(failure) }
        let info = ImageInfo(header, format: format)
        do {
            try Self.check(info, header, against: claim, limits: limits)
        } catch {
            unsafe imaging_decoder_close(opened)
            throw error
        }
        unsafe raw = opened
        self.info = info
    }

    /// Gets ready for rows; takes in the whole file first where its rows are complete only at the end.
    func start(_ layout: StripLayout, limits: ImageLimits, isCancelled: () -> Bool) throws(ImagingError) {
        var failure = imaging_failure()
        let maxScans = Int32(clamping: limits.maxScans)
        let code =
            if let subsampling = layout.subsampling {
                unsafe imaging_decoder_start_planes(raw, maxScans, subsampling.vertical, &failure)
            } else {
                unsafe imaging_decoder_start(raw, maxScans, &failure)
            }
        guard code == 0 else { throw ImagingError(failure) }
        var done: Int32 = 0
        while done == 0 {
            if isCancelled() { throw ImagingError.stopped }
            guard unsafe imaging_decoder_absorb(raw, &done, &failure) == 0 else {
                throw ImagingError(failure)
            }
        }
    }

    /// Decodes the next rows to memory that holds `rows * stride` bytes.
    func read(_ rows: Int, to out: UnsafeMutablePointer<UInt8>, stride: Int) throws(ImagingError) {
        var failure = imaging_failure()
        guard unsafe imaging_decoder_read(raw, out, stride, UInt32(rows), &failure) == 0 else {
            throw ImagingError(failure)
        }
    }

    /// Decodes the next rows to where each plane of the layout it was started for goes on, and how long its rows are.
    func read(_ rows: Int, to planes: [(UnsafeMutablePointer<UInt8>, stride: Int)]) throws(ImagingError) {
        guard unsafe planes.count == 3 else {
            guard let plane = unsafe planes.first else { return }
            return try unsafe read(rows, to: plane.0, stride: plane.stride)
        }
        var failure = imaging_failure()
        var out = unsafe imaging_planes(
            samples: (planes[0].0, planes[1].0, planes[2].0),
            strides: (planes[0].stride, planes[1].stride, planes[2].stride)
        )
        guard unsafe imaging_decoder_read_planes(raw, &out, UInt32(rows), &failure) == 0 else {
            throw ImagingError(failure)
        }
    }

    /// Checks the end of the image and returns how many bytes follow it.
    func finish() throws(ImagingError) -> Int {
        var failure = imaging_failure()
        var trailing: UInt64 = 0
        guard unsafe imaging_decoder_finish(raw, &trailing, &failure) == 0 else {
            throw ImagingError(failure)
        }
        return Int(trailing)
    }

    private static func check(
        _ info: ImageInfo,
        _ header: imaging_header,
        against claim: HeaderScan,
        limits: ImageLimits
    ) throws(ImagingError) {
        guard info.width == claim.width, info.height == claim.height else {
            throw ImagingError(.corrupt, "the file has two headers that disagree on its size")
        }
        guard header.buffered_bytes <= UInt64(clamping: limits.maxBufferedBytes) else {
            throw ImagingError(
                .tooManyPixels,
                "this \(info.format == .jpeg ? "JPEG of several scans" : "interlaced PNG") takes "
                    + "\(header.buffered_bytes) bytes of memory, and the limit is \(limits.maxBufferedBytes); save it "
                    + "as baseline JPEG or plain PNG, or raise the limit"
            )
        }
    }

    private static func check(_ claim: HeaderScan, limits: ImageLimits) throws(ImagingError) {
        guard claim.width > 0, claim.height > 0 else {
            throw ImagingError(.corrupt, "the header claims \(claim.width) x \(claim.height) pixels")
        }
        // Both are below 2^32, so the product fits UInt64.
        guard UInt64(claim.width) * UInt64(claim.height) <= UInt64(clamping: limits.maxPixels) else {
            throw ImagingError(
                .tooManyPixels,
                "the header claims \(claim.width) x \(claim.height) pixels, and the limit is \(limits.maxPixels); "
                    + "split the image or raise the limit"
            )
        }
    }
}

extension ImagingError {
    static let stopped = ImagingError(.cancelled, "stopped as asked; nothing of this image counts")
}
