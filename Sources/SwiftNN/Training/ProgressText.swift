import CKernels

/// How training goes, as text for people: on a terminal a bar that moves, elsewhere a plain line for each epoch.
public final class ProgressText {
  private let columns: Int
  private let write: (String) -> Void
  private var epochStart = 0.0
  private var lastDrawn = 0.0
  private var isDrawn = false
  /// Of the steps of the epoch.
  private var sum = 0.0
  private var steps = 0
  private static let pause = 0.1

  /// - Parameter columns: of the terminal; 0 writes no bar.
  public init(columns: Int, write: @escaping (String) -> Void) {
    self.columns = columns
    self.write = write
  }

  public func tell(_ event: TrainingEvent) {
    switch event.kind {
    case .trainingBegan: epochStart = ck_seconds()
    case .epochBegan: (epochStart, sum, steps) = (ck_seconds(), 0, 0)
    case .stepDone:
      sum += event.loss
      steps += 1
      let now = ck_seconds()
      guard columns > 0, now - lastDrawn >= Self.pause else { return }
      lastDrawn = now
      draw(bar(event, seconds: now - epochStart))
    case .epochDone:
      erase()
      write(line(event, seconds: ck_seconds() - epochStart) + "\n")
    case .trainingEnded:
      erase()
      if !event.text.isEmpty { write("Ended: \(event.text)\n") }
    case .checkpointSaved: break
    }
  }

  private func draw(_ text: String) {
    write("\r" + text + "\u{1B}[K")
    isDrawn = true
  }

  private func erase() {
    if isDrawn { write("\r\u{1B}[K") }
    isDrawn = false
  }

  private func title(_ event: TrainingEvent) -> String {
    let (number, count) = ("\(event.epoch + 1)", "\(event.epochs)")
    return "Epoch \(String(repeating: " ", count: max(count.utf8.count - number.utf8.count, 0)))\(number)/\(count)"
  }

  private func line(_ event: TrainingEvent, seconds: Double) -> String {
    var text = "\(title(event))  \(Self.time(seconds))"
    for (name, value) in event.values { text += "  \(name) \(Self.number(value))" }
    return text
  }

  private func bar(_ event: TrainingEvent, seconds: Double) -> String {
    let rate = seconds > 0 ? Double(event.examples) / seconds : 0
    var end = "  \(Self.number(rate)) examples/s  loss \(Self.number(sum / Double(max(steps, 1))))"
    guard let count = event.batchCount, count > 0 else {
      return fitted("\(title(event))  \(event.batch) batches  \(Self.time(seconds))\(end)")
    }
    let share = min(Double(event.batch) / Double(count), 1)
    let left = event.batch > 0 ? seconds / Double(event.batch) * Double(count - event.batch) : 0
    let start = "\(title(event)) "
    end = " \(event.batch)/\(count)  \(Self.time(seconds)), \(Self.time(left)) left\(end)"
    let room = min(max(columns - 1 - start.utf8.count - end.utf8.count - 2, 0), 30)
    let done = Int(share * Double(room))
    let drawn =
      room < 4 ? "" : "[\(String(repeating: "=", count: done))\(String(repeating: ".", count: room - done))]"
    return fitted(start + drawn + end)
  }

  private func fitted(_ text: String) -> String {
    text.utf8.count < columns ? text : String(decoding: text.utf8.prefix(columns - 1), as: UTF8.self)
  }

  /// Four digits that count.
  static func number(_ value: Double) -> String { formatted(value, digits: 4) }

  static func time(_ seconds: Double) -> String {
    let whole = Int(saturating: seconds)
    if whole >= 3600 { return "\(whole / 3600) h \(whole / 60 % 60) min" }
    if whole >= 60 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(formatted(seconds, digits: seconds < 1 ? 2 : 3)) s"
  }

  private static func formatted(_ value: Double, digits: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { text in
      let start = text.baseAddress.unsafelyUnwrapped
      ck_format_short(start, text.count, value, digits)
      return String(cString: start)
    }
  }
}
