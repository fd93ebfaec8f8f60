import CKernels

/// Writes event files that TensorBoard shows: scalars, histograms, texts and images over steps.
///
/// Each event is in the file when the call returns; a program that dies leaves whole ones.
public final class EventWriter: @unchecked Sendable {
  /// The file that is written.
  public let path: String
  private var file: LogFile?

  /// Begins a file in a folder, which is made where there is none.
  /// - Parameters:
  ///   - suffix: What the name of the file ends in.
  ///   - purgeStep: What earlier files of the folder say from this step on is no longer shown.
  ///   - time: Seconds since 1970; nil: now.
  public init(folder: String, suffix: String = "", purgeStep: Int? = nil, time: Double? = nil) throws(SNNError) {
    let time = try EventWriter.checked(time)
    guard !folder.isEmpty, !suffix.utf8.contains(UInt8(ascii: "/")) else {
      throw .argument("events: expects a folder, and a suffix without '/', got '\(folder)' and '\(suffix)'")
    }
    try LogFile.makeFolders(folder)
    let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 160) { text in
      let start = text.baseAddress.unsafelyUnwrapped
      ck_log_event_name(time, start, text.count)
      return String(cString: start)
    }
    path = "\(folder)/\(name)\(suffix)"
    file = try LogFile(path, keeps: false)
    var event = ProtocolBuffer()
    event.add(1, double: time)
    event.add(3, "brain.Event:2")
    try write(event)
    guard let purgeStep else { return }
    var (session, start) = (ProtocolBuffer(), ProtocolBuffer())
    session.add(1, int: 1)
    start.add(1, double: time)
    start.add(2, int: purgeStep)
    start.add(7, session)
    try write(start)
  }

  private static func checked(_ time: Double?) throws(SNNError) -> Double {
    let time = time ?? ck_log_time()
    guard time >= 0, time < 1e11 else { throw .argument("events: expects seconds since 1970, got \(time)") }
    return time
  }

  /// How a number is kept. The raw values are those of the C interface.
  public enum Precision: Int32, Sendable {
    /// As TensorFlow 1 and PyTorch do: a float32.
    case simple = 0
    /// As TensorFlow 2 does: a tensor of float32, or of float64.
    case single = 1
    case double = 2
  }

  public func add(
    scalar value: Double, _ tag: String, step: Int = 0, as precision: Precision = .simple, time: Double? = nil
  ) throws(SNNError) {
    try add(tag, step, time) {
      guard precision != .simple else { return $0.add(2, chosen: Float(value)) }
      var tensor = ProtocolBuffer()
      tensor.add(1, int: precision == .single ? 1 : 2)
      if precision == .single { tensor.add(5, floats: [Float(value)]) } else { tensor.add(6, doubles: [value]) }
      $0.add(8, tensor)
      $0.add(9, EventWriter.metadata(plugin: "scalars"))
    }
  }

  /// A text, which TensorBoard reads as Markdown.
  public func add(text: String, _ tag: String, step: Int = 0, time: Double? = nil) throws(SNNError) {
    var (size, shape, tensor) = (ProtocolBuffer(), ProtocolBuffer(), ProtocolBuffer())
    size.add(1, int: 1)
    shape.add(2, size)
    tensor.add(1, int: 7)  // of strings
    tensor.add(2, shape)
    tensor.add(8, text)
    try add("\(tag)/text_summary", step, time) {
      $0.add(8, tensor)
      $0.add(9, EventWriter.metadata(plugin: "text"))
    }
  }

  private static func metadata(plugin name: String) -> ProtocolBuffer {
    var (plugin, metadata) = (ProtocolBuffer(), ProtocolBuffer())
    plugin.add(1, name)
    metadata.add(1, plugin)
    return metadata
  }

  /// Numbers of a tensor by size, as PyTorch's writer counts them.
  /// - Parameters:
  ///   - limits: Where parts of the histogram begin and end, rising; nil: TensorFlow's, each a tenth wider than the last.
  ///   - mostBins: Join parts until there are about so many.
  public func add(
    histogram values: Tensor, _ tag: String, step: Int = 0, limits: [Double]? = nil, mostBins: Int? = nil,
    time: Double? = nil
  ) throws(SNNError) {
    let message = try EventHistogram(values, limits, mostBins: mostBins).message
    try add(tag, step, time) { $0.add(5, message) }
  }

  /// An image of 1 (grey), 3 (colour) or 4 channels: bytes, or numbers from 0 to 1.
  /// - Parameter channelsFirst: The shape is [channels, height, width], else [height, width, channels]; two axes are grey.
  public func add(
    image: Tensor, _ tag: String, step: Int = 0, channelsFirst: Bool = true, time: Double? = nil
  ) throws(SNNError) {
    let picture = try Raster(image, channelsFirst: channelsFirst)
    var message = ProtocolBuffer()
    message.add(1, int: picture.height)
    message.add(2, int: picture.width)
    message.add(3, int: picture.channels)
    message.add(4, picture.png)
    try add(tag, step, time) { $0.add(4, message) }
  }

  private func add(_ tag: String, _ step: Int, _ time: Double?, _ fill: (inout ProtocolBuffer) -> Void) throws(SNNError)
  {
    guard !tag.isEmpty else { throw .argument("events: expects a tag, got ''") }
    var (value, summary, event) = (ProtocolBuffer(), ProtocolBuffer(), ProtocolBuffer())
    value.add(1, tag)
    fill(&value)
    summary.add(1, value)
    event.add(1, double: try EventWriter.checked(time))
    event.add(2, int: step)
    event.add(5, summary)
    try write(event)
  }

  /// A record: its length, what both are checked by, and its bytes.
  private func write(_ event: ProtocolBuffer) throws(SNNError) {
    guard let file else { throw .argument("events: the writer of '\(path)' is closed") }
    var record: [UInt8] = []
    record.reserveCapacity(event.bytes.count + 16)
    record.append(event.bytes.count, bytes: 8)
    record.append(Int(ck_crc32c_masked(record, 8)), bytes: 4)
    record += event.bytes
    record.append(Int(ck_crc32c_masked(event.bytes, event.bytes.count)), bytes: 4)
    try file.add(record)
  }

  /// Returns when all events are on the disk.
  public func flush() throws(SNNError) { try file?.synchronize() }

  /// Afterwards nothing can be added. A writer that is given up closes by itself.
  public func close() { file = nil }
}
