/// How much more coarsely a JPEG file stores colours than brightness.
package enum JPEGSubsampling: String, CaseIterable, Sendable {
    /// Half the columns and half the rows; what cameras and viewers expect.
    case s420 = "4:2:0"
    /// Half the columns.
    case s422 = "4:2:2"
    /// All of them.
    case s444 = "4:4:4"

    /// Brightness samples for one colour sample along a row.
    var horizontal: Int32 { self == .s444 ? 1 : 2 }
    /// Likewise along a column.
    var vertical: Int32 { self == .s420 ? 2 : 1 }
}
